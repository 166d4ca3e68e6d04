import { WriteCoalescer, type AddressedFrame } from "./write-coalescer.ts";
import { TextFrame, type Frame } from "./frame.ts";
import { FlushDelay } from "./flush-delay.ts";

/** The part of a network socket that an outbox writes to. */
export interface Wire {
  /** Calls `left` when the bytes have been sent or the socket is gone. */
  write(bytes: Buffer, left?: () => void): boolean;
  /** Bytes buffered in this process. */
  readonly writableLength: number;
}

/** The receiver of an outbox. */
export interface Peer {
  /** The socket, or null after it closed. */
  wire(): Wire | null;
  /** Called once, when the unsent bytes exceed the limit. */
  overflow(): void;
}

const NO_ID = "";
const NOTHING = Buffer.alloc(0);
/** The frames of an empty outbox. Never modified. */
const NO_FRAMES: AddressedFrame[] = [];
const NO_DRAINS: readonly (() => void)[] = [];

/** Minimum flush delay, in milliseconds: no timer is shorter. */
const MIN_PAUSE_MS = 1;

const flushDelay = new FlushDelay();
const coalescer = new WriteCoalescer();

/** Outboxes that flush at the same time. Each outbox joins at most once. */
class FlushQueue {
  #due: Outbox[] = [];
  #isScheduled = false;
  readonly #schedule: (send: () => void) => void;

  /** @param schedule calls its argument when it is time to flush */
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
      for (const outbox of due) outbox.onFlush(this);
      coalescer.forget();
    });
  }
}

const responseQueue = new FlushQueue(setImmediate);
const eventQueue = new FlushQueue((send) => {
  const flush = (): void => {
    const begin = performance.now();
    send();
    flushDelay.recordWrite(begin, performance.now());
  };
  const pause = flushDelay.pause(performance.now());
  if (pause < MIN_PAUSE_MS) setImmediate(flush);
  else setTimeout(flush, pause);
});

/**
 * Frames that wait to be sent through one socket. All frames of one event-loop turn leave in one write,
 * because a write costs far more than its bytes. While events arrive in quick succession, frames also
 * wait briefly for the next event: one write to a thousand members then carries two events.
 *
 * While a receiver does not read, its frames stay here, where all sockets share the bytes of an event.
 * The outbox writes them when the socket has room again.
 */
export class Outbox {
  readonly #peer: Peer;
  readonly #limit: number;
  #frames = NO_FRAMES;
  #bytes = 0;
  /** Whether a flush for a response, or for events, is already scheduled. */
  #isInResponseQueue = false;
  #isInEventQueue = false;
  #hasOverflowed = false;
  /** Unsent bytes of a reserved large write. They do not count against the limit. */
  #reserved = 0;
  /** Whether a write is still in progress. */
  #isWaiting = false;
  #drains: readonly (() => void)[] = NO_DRAINS;

  /** @param limit maximum unsent bytes for a slow receiver */
  constructor(peer: Peer, limit: number) {
    this.#peer = peer;
    this.#limit = limit;
  }

  /** Queues a response, which leaves with all waiting frames at the end of this event-loop turn. */
  addResponse(text: string): void {
    if (!this.#collect(new TextFrame(text), NO_ID)) return;
    if (this.#isInResponseQueue) return;
    this.#isInResponseQueue = true;
    responseQueue.add(this);
  }

  /** Queues an event. */
  add(frame: Frame, id: string): void {
    if (!this.#collect(frame, id)) return;
    if (this.#isInEventQueue) return;
    this.#isInEventQueue = true;
    eventQueue.add(this);
  }

  #collect(frame: Frame, id: string): boolean {
    if (this.#hasOverflowed) return false;
    if (this.#frames === NO_FRAMES) this.#frames = [{ frame, id }];
    else this.#frames.push({ frame, id });
    this.#bytes += frame.length;
    return true;
  }

  /** Runs when the flush queue that this outbox joined is flushed. */
  onFlush(queue: FlushQueue): void {
    if (queue === responseQueue) this.#isInResponseQueue = false;
    else this.#isInEventQueue = false;
    this.send();
  }

  /** Sends the queued frames, unless an earlier write is still in progress. */
  send(): void {
    if (this.#isWaiting) this.#check();
    else this.flush();
  }

  /** Sends the queued frames. Must be called before any other write to the same socket. */
  flush(): void {
    const wire = this.#peer.wire();
    if (this.#reserved > 0 && wire?.writableLength === 0) this.#reserved = 0;
    if (this.#frames.length === 0) return;
    this.#check();
    const frames = this.#frames;
    const length = this.#bytes;
    this.#frames = NO_FRAMES;
    this.#bytes = 0;
    if (wire === null || this.#hasOverflowed) return;
    wire.write(coalescer.bytesOf(frames, length));
    if (wire.writableLength > 0) this.#waitFor(wire);
  }

  /**
   * Closes the peer if the unsent bytes exceed the limit. A frame that finds an empty queue may have any
   * length.
   */
  #check(): void {
    const waiting = this.#peer.wire()?.writableLength ?? 0;
    const counted = waiting - this.#reserved + this.#bytes;
    if (this.#bytes > 0 && waiting > 0 && counted > this.#limit) this.overflow();
  }

  /** Continues after all written bytes have left. */
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
   * Flushes the queue and reserves room for a write that bypasses it: a large response, which may exceed
   * the limit because the client requested it, or a pong. Closes the peer if the unsent bytes already
   * exceed the limit.
   *
   * @param length bytes of the response; 0 for a pong
   * @returns whether the caller may write
   */
  reserveLargeWrite(length: number): boolean {
    this.flush();
    const wire = this.#peer.wire();
    if (wire === null || this.#hasOverflowed) return false;
    // Only one large response at a time may exceed the limit. A pong may follow it.
    const excused = length === 0 ? this.#reserved : 0;
    if (wire.writableLength - excused <= this.#limit) {
      if (length > 0) this.#reserved = length;
      return true;
    }
    this.overflow();
    return false;
  }

  /** Stops sending, because the receiver is too slow. */
  overflow(): void {
    if (this.#hasOverflowed) return;
    this.#hasOverflowed = true;
    this.#frames = NO_FRAMES;
    this.#bytes = 0;
    this.#peer.overflow();
  }

  /** Unsent bytes, here and in the socket. */
  get unread(): number {
    return this.#bytes + (this.#peer.wire()?.writableLength ?? 0);
  }

  /** Whether the queue has room for more frames. */
  get hasRoom(): boolean {
    return this.#hasOverflowed || this.unread < this.#limit / 4;
  }

  /** Resolves when the queue has room for more frames. */
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
