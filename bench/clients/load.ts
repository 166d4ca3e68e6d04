// The load client: members listen, and some of them send, either as fast as they are acknowledged or at a
// fixed pace. The request to connect opens and warms up; the request to run measures and returns one
// result.
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
  /** Messages per second of all senders; null for as fast as they are acknowledged. */
  pace: number | null;
  /** Number of parallel messages of each sender. */
  inFlight: number;
  seconds: number;
}

export interface LoadResult {
  sent: number;
  delivered: number;
  seconds: number;
  /** Duplicate, disordered and missing deliveries. Any of them voids the run. */
  wrong: number;
  /** Milliseconds from send to acknowledgement, of every message. */
  acknowledged: number[];
  /** Only at a fixed pace: milliseconds from send to the last member's receipt, of every message. */
  last: number[];
  /**
   * Only at a fixed pace: the median of milliseconds to a member on the sender's instance, and on others.
   */
  near: number;
  far: number;
}

const SETTLE_LIMIT_MS = 15_000;
/** Warm-up time in milliseconds. New code is compiled meanwhile, which costs larger programs more. */
const WARM_UP_MS = 2_000;
/** Time for a stream to open if it does not report when it is open, in milliseconds. */
const OPENING_MS = 1_000;

interface Receipt {
  at: number;
  left: number;
  /** The sender's instance. */
  instance: number;
}

class Load {
  readonly #request: LoadRequest;
  /** Number of members of each room. */
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

  /** Connects all members and sends until everything is warm. */
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

  /** Waits until everything has arrived, or until something is certainly lost. */
  async #settle(): Promise<void> {
    const limit = performance.now() + SETTLE_LIMIT_MS;
    while (this.#delivered < this.#expected && performance.now() < limit) await pause(2);
  }
}

/** Sends at a fixed rate, without waiting for acknowledgements. */
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
