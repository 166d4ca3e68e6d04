import { WriteCoalescer, type Addressed } from "./write-coalescer.ts";
import { TextFrame, type Frame } from "./frame.ts";
import { FlushDelay } from "./flush-delay.ts";

/** The part of a network socket that frames are written to. */
export interface Wire {
  /** Calls back when the bytes have left, or when the socket is gone. */
  write(bytes: Buffer, left?: () => void): boolean;
  /** Bytes that wait in this process. */
  readonly writableLength: number;
}

/** Who an outbox writes to. */
export interface Peer {
  /** The socket; null once it is gone. */
  wire(): Wire | null;
  /** Called once when more would have to wait than may. */
  overflow(): void;
}

const NO_ID = "";
const NOTHING = Buffer.alloc(0);
/** What an outbox has while nothing is in it; never added to. */
const NO_FRAMES: Addressed[] = [];
const NO_DRAINS: readonly (() => void)[] = [];

/** Shorter pauses are none: a timer takes that long anyway. */
const SHORTEST_PAUSE_MS = 1;

const pace = new FlushDelay();
const burst = new WriteCoalescer();

/** Outboxes that send at the same moment, which each of them waits for once at most. */
class FlushQueue {
  #due: Outbox[] = [];
  #isScheduled = false;
  readonly #schedule: (send: () => void) => void;

  /** @param schedule calls back when it is time to send */
  constructor(schedule: (send: () => void) => void) {
    this.#schedule = schedule;
  }

  add(outbox: Outbox): void {
    this.#due.push(outbox);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(() => {
      this.#isScheduled = false;
      const due = this.#due;
      this.#due = [];
      for (const outbox of due) outbox.takeTurn(this);
      burst.forget();
    });
  }
}

const answers = new FlushQueue(setImmediate);
const events = new FlushQueue((send) => {
  const flush = (): void => {
    const begin = performance.now();
    send();
    pace.written(begin, performance.now());
  };
  const pause = pace.pause(performance.now());
  if (pause < SHORTEST_PAUSE_MS) setImmediate(flush);
  else setTimeout(flush, pause);
});

/**
 * What waits to go out through one socket. All frames of one turn of the event loop leave in one
 * write, for a write costs far more than its bytes. While events come soon after each other, they also wait a
 * moment for the next ones: two events for a thousand members are then written at the cost of one.
 *
 * While a receiver does not read, what is meant for it stays here, where all sockets share the bytes of an
 * event, and is written when there is room again.
 */
export class Outbox {
  readonly #peer: Peer;
  readonly #limit: number;
  #frames = NO_FRAMES;
  #bytes = 0;
  /** Whether its turn to send an answer, or events, comes anyway. */
  #isAnswering = false;
  #isTelling = false;
  #full = false;
  /** Bytes of the answer that was let past, until all has left: they do not count against what follows. */
  #past = 0;
  /** Whether something was written that has not left yet. */
  #isWaiting = false;
  #drains: readonly (() => void)[] = NO_DRAINS;

  /** @param limit bytes that may wait for a slow receiver */
  constructor(peer: Peer, limit: number) {
    this.#peer = peer;
    this.#limit = limit;
  }

  /** Sends an answer, which somebody waits for, with all that is there when this turn of the event loop ends. */
  addAnswer(text: string): void {
    if (!this.#collect(new TextFrame(text), NO_ID)) return;
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    answers.add(this);
  }

  /** Sends an event. */
  add(frame: Frame, id: string): void {
    if (!this.#collect(frame, id)) return;
    if (this.#isTelling) return;
    this.#isTelling = true;
    events.add(this);
  }

  #collect(frame: Frame, id: string): boolean {
    if (this.#full) return false;
    if (this.#frames === NO_FRAMES) this.#frames = [{ frame, id }];
    else this.#frames.push({ frame, id });
    this.#bytes += frame.length;
    return true;
  }

  /** Its turn in a round that it was added to has come. */
  takeTurn(round: FlushQueue): void {
    if (round === answers) this.#isAnswering = false;
    else this.#isTelling = false;
    this.send();
  }

  /** Sends what has collected, unless what was sent before still waits for its receiver. */
  send(): void {
    if (this.#isWaiting) this.#check();
    else this.flush();
  }

  /** Sends what has collected. To be called before anything else is written to the same socket. */
  flush(): void {
    const wire = this.#peer.wire();
    if (this.#past > 0 && wire?.writableLength === 0) this.#past = 0;
    if (this.#frames.length === 0) return;
    this.#check();
    const frames = this.#frames;
    const length = this.#bytes;
    this.#frames = NO_FRAMES;
    this.#bytes = 0;
    if (wire === null || this.#full) return;
    wire.write(burst.bytesOf(frames, length));
    if (wire.writableLength > 0) this.#waitFor(wire);
  }

  /** Gives up when more waits than may; what finds nothing before it may be of any length. */
  #check(): void {
    const waiting = this.#peer.wire()?.writableLength ?? 0;
    const unasked = waiting - this.#past + this.#bytes;
    if (this.#bytes > 0 && waiting > 0 && unasked > this.#limit) this.giveUp();
  }

  /** Goes on when all that was written has left. */
  #waitFor(wire: Wire): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    wire.write(NOTHING, () => {
      this.#isWaiting = false;
      this.flush();
      if (this.#isWaiting) return;
      const drains = this.#drains;
      this.#drains = NO_DRAINS;
      for (const resume of drains) resume();
    });
  }

  /**
   * Sends what has collected and says whether something may be written past it: a large answer, which was
   * asked for and may be longer than the limit, or a pong. Gives up where more than the limit waits already.
   *
   * @param length bytes of the answer that is about to be written; 0 for a pong
   */
  reserveLargeWrite(length: number): boolean {
    this.flush();
    const wire = this.#peer.wire();
    if (wire === null || this.#full) return false;
    // One large answer at a time: a second one behind it would be one too many, a pong is not.
    const excused = length === 0 ? this.#past : 0;
    if (wire.writableLength - excused <= this.#limit) {
      if (length > 0) this.#past = length;
      return true;
    }
    this.giveUp();
    return false;
  }

  /** Sends nothing any more: the receiver is too slow. */
  giveUp(): void {
    if (this.#full) return;
    this.#full = true;
    this.#frames = NO_FRAMES;
    this.#bytes = 0;
    this.#peer.overflow();
  }

  /** Bytes that wait for the receiver, here and in its socket. */
  get unread(): number {
    return this.#bytes + (this.#peer.wire()?.writableLength ?? 0);
  }

  /** Whether little enough waits for more to be added. */
  get hasRoom(): boolean {
    return this.#full || this.unread < this.#limit / 4;
  }

  /** Resolves when little enough waits for more to be added. */
  drained(): Promise<void> {
    this.send();
    const wire = this.#peer.wire();
    if (this.hasRoom || wire === null) return Promise.resolve();
    this.#waitFor(wire);
    return new Promise((resolve) => {
      this.#drains = [...this.#drains, resolve];
    });
  }
}
