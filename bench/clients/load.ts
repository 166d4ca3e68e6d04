// The load client: members listen, some of them send, either as fast as they are acknowledged or at a
// pace. Asked to connect, it opens and warms up; asked to run, it measures and answers with one result.
import { pause, serveParent } from "../child.ts";
import { quantile } from "../measurement.ts";
import type { Crowd } from "../people.ts";
import { connect, isNumbered, type Language } from "../speakers/connect.ts";
import { markedBody, markOf, type OnDelivery, type Speaker } from "../speakers/speaker.ts";

export interface LoadRequest {
  language: Language;
  /** One for each instance; members are spread over them. */
  urls: readonly string[];
  crowd: Crowd;
  senders: number;
  /** Messages a second of all senders together; null for as fast as they are acknowledged. */
  pace: number | null;
  /** How many each sender has under way at once. */
  inFlight: number;
  seconds: number;
}

export interface LoadResult {
  sent: number;
  delivered: number;
  seconds: number;
  /** Deliveries that came twice, not in order, or not at all. Any of them voids the run. */
  wrong: number;
  /** Milliseconds from sending to acknowledgement, of every message. */
  acknowledged: number[];
  /** Only at a pace: milliseconds from sending to the last member's receipt, of every message. */
  last: number[];
  /** Only at a pace: the median of milliseconds to a member on the sender's own instance, and on others. */
  near: number;
  far: number;
}

const SETTLE_LIMIT_MS = 15_000;
/**
 * How long everybody sends before anything is measured, in milliseconds. What runs for the first time is
 * compiled meanwhile, which costs programs of much code more, and none of them anything once it has run.
 */
const WARM_UP_MS = 2_000;
/** A stream that does not say when it is open has this long, in milliseconds. */
const OPENING_MS = 1_000;

interface Receipt {
  at: number;
  left: number;
  /** Which instance the sender is on. */
  instance: number;
}

class Load {
  readonly #request: LoadRequest;
  /** Members of each room. */
  readonly #sizes = new Map<string, number>();
  readonly #receipts = new Map<number, Receipt>();
  #speakers: Speaker[] = [];
  #delivered = 0;
  #expected = 0;
  #wrong = 0;
  readonly #last: number[] = [];
  readonly #near: number[] = [];
  readonly #far: number[] = [];

  constructor(request: LoadRequest) {
    this.#request = request;
    for (const room of request.crowd.rooms) this.#sizes.set(room, (this.#sizes.get(room) ?? 0) + 1);
  }

  /** Connects everybody and sends until all is warm. */
  async connect(): Promise<void> {
    const { language, urls, crowd, senders } = this.#request;
    this.#speakers = await Promise.all(
      crowd.rooms.map((_room, index) =>
        connect(language, urls[this.#instanceOf(index)] ?? "", crowd, index, this.#listen(index)),
      ),
    );
    if (language === "yoga") await pause(OPENING_MS);
    const warmAt = performance.now() + WARM_UP_MS;
    const warming = this.#speakers.slice(0, senders).map(async (speaker, index) => {
      while (performance.now() < warmAt) {
        this.#expected += this.#sizeOf(index);
        await speaker.send(markedBody(0));
      }
    });
    await Promise.all(warming);
    await this.#settle();
  }

  async run(): Promise<LoadResult> {
    const { pace, inFlight, seconds } = this.#request;
    this.#delivered = this.#expected = 0;
    const acknowledged: number[] = [];
    let sent = 0;
    let running = true;
    const begin = performance.now();
    const send = async (index: number): Promise<void> => {
      sent += 1;
      this.#expected += this.#sizeOf(index);
      const mark = sent;
      const at = performance.now();
      if (pace !== null) {
        const instance = this.#instanceOf(index);
        this.#receipts.set(mark, { at, left: this.#sizeOf(index), instance });
      }
      await this.#speakers[index]?.send(markedBody(mark));
      acknowledged.push(performance.now() - at);
    };
    const senders = Array.from({ length: this.#request.senders }, (_, index) => index);
    const work =
      pace === null
        ? senders.flatMap((index) =>
            Array.from({ length: inFlight }, async () => {
              while (running) await send(index);
            }),
          )
        : [atPace(senders.length, pace, send, () => running)];
    await pause(seconds * 1_000);
    running = false;
    await Promise.all(work);
    await this.#settle();
    const elapsed = (performance.now() - begin) / 1_000;
    for (const speaker of this.#speakers) speaker.close();
    return {
      sent,
      delivered: this.#delivered,
      seconds: elapsed,
      wrong: this.#wrong + Math.abs(this.#expected - this.#delivered),
      acknowledged,
      last: this.#last,
      near: quantile(this.#near, 0.5),
      far: quantile(this.#far, 0.5),
    };
  }

  #listen(index: number): OnDelivery {
    const numbered = isNumbered(this.#request.language);
    const paced = this.#request.pace !== null;
    const instance = this.#instanceOf(index);
    let last = 0;
    return (seq, frame) => {
      this.#delivered += 1;
      if (numbered && last !== 0 && seq !== last + 1) this.#wrong += 1;
      last = seq;
      if (paced) this.#receive(markOf(frame), instance);
    };
  }

  #receive(mark: number, instance: number): void {
    const receipt = this.#receipts.get(mark);
    if (receipt === undefined) return;
    const took = performance.now() - receipt.at;
    (receipt.instance === instance ? this.#near : this.#far).push(took);
    receipt.left -= 1;
    if (receipt.left === 0) this.#last.push(took);
  }

  #instanceOf(index: number): number {
    return index % this.#request.urls.length;
  }

  #sizeOf(index: number): number {
    return this.#sizes.get(this.#request.crowd.rooms[index] ?? "") ?? 0;
  }

  /** Waits until everything has arrived, or until it is plain that something is lost. */
  async #settle(): Promise<void> {
    const limit = performance.now() + SETTLE_LIMIT_MS;
    while (this.#delivered < this.#expected && performance.now() < limit) await pause(2);
  }
}

/** Sends in turn, so many a second, without waiting for one before the next. */
async function atPace(
  senders: number,
  pace: number,
  send: (index: number) => Promise<void>,
  running: () => boolean,
): Promise<void> {
  const under: Promise<void>[] = [];
  const begin = performance.now();
  for (let count = 0; running(); count += 1) {
    await pause(Math.max(0, begin + (count * 1_000) / pace - performance.now()));
    under.push(send(count % senders));
  }
  await Promise.all(under);
}

let load: Load | null = null;
serveParent<LoadRequest | "run">(async (message) => {
  if (message === "run") return load?.run();
  load = new Load(message);
  return load.connect();
});
