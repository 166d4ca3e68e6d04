import { TextFrame, type Frame } from "./frame.ts";

/** The part of a network socket that frames are written to. */
export interface Wire {
  write(bytes: Buffer): boolean;
  /** Bytes that wait in this process. */
  readonly writableLength: number;
  once(event: "drain", listener: () => void): unknown;
}

const NO_ID = Buffer.alloc(0);

/** After writing events to all sockets, so many times as long goes by before the next are written. */
const PAUSE_PER_WRITING = 2;
/** Longest time that an event waits for others to leave with, in milliseconds. */
const LONGEST_PAUSE_MS = 5;
/** Shorter pauses are none: a timer takes that long anyway. */
const SHORTEST_PAUSE_MS = 1;

/** Those that have an answer to send. */
const answering = new Set<Outbox>();
/** Those that have events to send. */
const telling = new Set<Outbox>();
let answersScheduled = false;
let eventsScheduled = false;
/** Before this moment of `performance.now()` no more events are written. */
let nextEventsAt = 0;

function flushAnswers(): void {
  answersScheduled = false;
  for (const outbox of answering) outbox.flush();
  answering.clear();
}

function scheduleAnswers(): void {
  if (answersScheduled) return;
  answersScheduled = true;
  setImmediate(flushAnswers);
}

function flushEvents(): void {
  eventsScheduled = false;
  const begin = performance.now();
  for (const outbox of telling) outbox.flush();
  telling.clear();
  const end = performance.now();
  nextEventsAt = end + Math.min(LONGEST_PAUSE_MS, (end - begin) * PAUSE_PER_WRITING);
}

function scheduleEvents(): void {
  if (eventsScheduled) return;
  eventsScheduled = true;
  const pause = nextEventsAt - performance.now();
  if (pause < SHORTEST_PAUSE_MS) setImmediate(flushEvents);
  else setTimeout(flushEvents, pause);
}

/**
 * What waits to go out through one socket. All frames of one turn of the event loop leave in one
 * write, for a write costs far more than its bytes. While writing events takes most of the time, they
 * also wait a moment for the next ones: two events for a thousand members are then written at the cost
 * of one. A server that has time to spare never lets anything wait.
 */
export class Outbox {
  readonly #wire: () => Wire | null;
  readonly #limit: number;
  readonly #overflow: () => void;
  #frames: { frame: Frame; id: Buffer }[] = [];
  #bytes = 0;
  #full = false;
  /** Whether something that nobody asked for is among what has collected. */
  #unasked = false;

  /**
   * @param wire     the socket; null once it is gone
   * @param limit    bytes that may wait for a slow receiver; answers may be longer, for whoever asks
   *                 is not listened to while many wait
   * @param overflow called once when an event would have to wait behind more
   */
  constructor(wire: () => Wire | null, limit: number, overflow: () => void) {
    this.#wire = wire;
    this.#limit = limit;
    this.#overflow = overflow;
  }

  /** Sends an answer, which somebody waits for, with all that is there when this turn of the event loop ends. */
  addAnswer(text: string): void {
    if (!this.#collect(new TextFrame(text), NO_ID)) return;
    answering.add(this);
    scheduleAnswers();
  }

  /** Sends an event. */
  add(frame: Frame, id: Buffer): void {
    if (!this.#collect(frame, id)) return;
    this.#unasked = true;
    telling.add(this);
    scheduleEvents();
  }

  #collect(frame: Frame, id: Buffer): boolean {
    if (this.#full) return false;
    this.#frames.push({ frame, id });
    this.#bytes += frame.length;
    return true;
  }

  /** Sends what has collected. To be called before anything else is written to the same socket. */
  flush(): void {
    if (this.#frames.length === 0) return;
    const frames = this.#frames;
    const length = this.#bytes;
    const unasked = this.#unasked;
    this.#frames = [];
    this.#bytes = 0;
    this.#unasked = false;
    const wire = this.#wire();
    if (wire === null || this.#full) return;
    if (unasked && wire.writableLength + length > this.#limit && wire.writableLength > 0) {
      this.#full = true;
      this.#overflow();
      return;
    }
    const bytes = Buffer.allocUnsafe(length);
    let offset = 0;
    for (const { frame, id } of frames) offset = frame.writeTo(bytes, offset, id);
    wire.write(bytes);
  }

  /** Whether little enough waits for more to be added. */
  get hasRoom(): boolean {
    const wire = this.#wire();
    if (wire === null || this.#full) return true;
    return this.#bytes + wire.writableLength < this.#limit / 4;
  }

  /** Resolves when little enough waits for more to be added. */
  drained(): Promise<void> {
    this.flush();
    const wire = this.#wire();
    if (wire === null || this.#full || wire.writableLength < this.#limit / 4)
      return Promise.resolve();
    return new Promise((resolve) => {
      wire.once("drain", resolve);
    });
  }
}
