import { TextFrame, type Frame } from "./frame.ts";

/** The part of a network socket that frames are written to. */
export interface Wire {
  write(bytes: Buffer): boolean;
  /** Bytes that wait in this process. */
  readonly writableLength: number;
  once(event: "drain", listener: () => void): unknown;
}

const NO_ID = Buffer.alloc(0);
const dirty = new Set<Outbox>();
let scheduled = false;

function flushAll(): void {
  scheduled = false;
  for (const outbox of dirty) outbox.flush();
  dirty.clear();
}

/**
 * What waits to go out through one socket. All frames of one turn of the event loop leave in one
 * write, for a write costs far more than its bytes.
 */
export class Outbox {
  readonly #wire: () => Wire | null;
  readonly #limit: number;
  readonly #overflow: () => void;
  #frames: { frame: Frame; id: Buffer }[] = [];
  #bytes = 0;
  #full = false;

  /**
   * @param wire     the socket; null once it is gone
   * @param limit    bytes that may wait for a slow receiver
   * @param overflow called once when more would have to wait
   */
  constructor(wire: () => Wire | null, limit: number, overflow: () => void) {
    this.#wire = wire;
    this.#limit = limit;
    this.#overflow = overflow;
  }

  /** Sends a text message together with whatever else this turn of the event loop sends. */
  addText(text: string): void {
    this.add(new TextFrame(text), NO_ID);
  }

  add(frame: Frame, id: Buffer): void {
    if (this.#full) return;
    this.#frames.push({ frame, id });
    this.#bytes += frame.length;
    dirty.add(this);
    if (scheduled) return;
    scheduled = true;
    setImmediate(flushAll);
  }

  /** Sends what has collected. To be called before anything else is written to the same socket. */
  flush(): void {
    if (this.#frames.length === 0) return;
    const frames = this.#frames;
    const length = this.#bytes;
    this.#frames = [];
    this.#bytes = 0;
    const wire = this.#wire();
    if (wire === null || this.#full) return;
    if (wire.writableLength + length > this.#limit && wire.writableLength > 0) {
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
