import type { ValueSink } from "../../graphql/stream-field.ts";
import { encodeOperationId, type FrameTemplate } from "../../delivery/frame.ts";
import type { Outbox } from "../../delivery/outbox.ts";

/** Maximum number of values that may wait for a slow execution before the client counts as too slow. */
const WAITING_VALUES = 2_000;

/** The source of a sink's frames: executes a value, given the length of the encoded operation id. */
export interface FrameSource {
  frame(value: object, idLength: number): FrameTemplate | Promise<FrameTemplate>;
  /** Executes several values; null if one of them needs a wait. */
  run(values: readonly object[], idLength: number): FrameTemplate | null;
}

/**
 * Turns values into frames for one operation, in order, even if an execution needs a wait. If an
 * execution fails, the operation ends and sends no later value: a client that subscribes again resumes
 * before the failed value.
 */
export abstract class FrameSink<S extends FrameSource> implements ValueSink<object> {
  readonly id: string;
  readonly #outbox: Outbox;
  /** The id as encoded in a message; usually the same string. */
  readonly #encodedId: string;
  protected readonly source: S;
  #waiting: Promise<void> | null = null;
  #inLine = 0;
  #isSilent = false;

  /**
   * @param outbox receives the frames
   * @param id operation id, as the client sent it
   */
  constructor(outbox: Outbox, id: string, source: S) {
    this.id = id;
    this.#outbox = outbox;
    this.#encodedId = encodeOperationId(id);
    this.source = source;
  }

  /** Ends the operation. Idempotent. */
  abstract end(): void;

  /** Stops sending, including values that are being executed. */
  protected silence(): void {
    this.#isSilent = true;
  }

  push(value: object): void {
    if (this.#isSilent) return;
    if (this.#inLine >= WAITING_VALUES) {
      this.#outbox.overflow();
      return;
    }
    let template: FrameTemplate | Promise<FrameTemplate>;
    try {
      template = this.source.frame(value, this.#encodedId.length);
    } catch {
      template = Promise.reject(new Error("a value could not be executed"));
    }
    if (this.#waiting === null && !(template instanceof Promise))
      this.#outbox.add(template, this.#encodedId);
    else this.#addInTurn(Promise.resolve(template));
  }

  /** Receives several values that are sent together: subscriptions that share them share one frame. */
  pushRun(values: readonly object[]): void {
    if (this.#isSilent) return;
    if (this.#waiting === null) {
      const frame = this.#runOf(values);
      if (frame !== null) {
        this.#outbox.add(frame, this.#encodedId);
        return;
      }
    }
    for (const value of values) this.push(value);
  }

  #runOf(values: readonly object[]): FrameTemplate | null {
    try {
      return this.source.run(values, this.#encodedId.length);
    } catch {
      // The values before the failing one are still sent, one at a time.
      return null;
    }
  }

  #addInTurn(rendering: Promise<FrameTemplate>): void {
    this.#inLine += 1;
    // The failure is handled later, in order.
    rendering.catch(() => undefined);
    const turn: Promise<void> = (this.#waiting ?? Promise.resolve()).then(async () => {
      try {
        const template = await rendering;
        if (!this.#isSilent) this.#outbox.add(template, this.#encodedId);
      } catch {
        this.#isSilent = true;
        this.end();
      }
      this.#inLine -= 1;
      if (this.#waiting === turn) this.#waiting = null;
    });
    this.#waiting = turn;
  }

  get ready(): boolean {
    return this.#waiting === null && this.#outbox.hasRoom;
  }

  async drained(): Promise<void> {
    if (this.#waiting !== null) await this.#waiting;
    await this.#outbox.drained();
  }
}
