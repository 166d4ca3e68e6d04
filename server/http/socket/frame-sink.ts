import type { ValueSink } from "../../graphql/stream-field.ts";
import { encodeOperationId, type FrameTemplate } from "../../delivery/frame.ts";
import type { Outbox } from "../../delivery/outbox.ts";

/** Values that may wait for one that takes long to execute, before their receiver counts as too slow. */
const WAITING_VALUES = 2_000;

/** Where a sink's frames come from: executes a value, given the length of the encoded operation id. */
export interface FrameSource {
  frame(value: object, idLength: number): FrameTemplate | Promise<FrameTemplate>;
  /** Executes several at once; null where one of them has to wait. */
  run(values: readonly object[], idLength: number): FrameTemplate | null;
}

/**
 * Turns values into frames for one operation, in order, also where executing one has to wait. When one
 * cannot be executed the operation ends, and nothing that comes after it is told: whoever asks again goes
 * on from what came before.
 */
export abstract class FrameSink<S extends FrameSource> implements ValueSink<object> {
  readonly id: string;
  readonly #outbox: Outbox;
  /** The id as it stands in a message; most often the same. */
  readonly #encodedId: string;
  protected readonly source: S;
  #waiting: Promise<void> | null = null;
  #inLine = 0;
  #isSilent = false;

  /**
   * @param outbox where the frames go
   * @param id     of the operation, as the client has it
   */
  constructor(outbox: Outbox, id: string, source: S) {
    this.id = id;
    this.#outbox = outbox;
    this.#encodedId = encodeOperationId(id);
    this.source = source;
  }

  /** Ends the operation; may be called again. */
  abstract end(): void;

  /** From now on tells nothing, also of what is being executed. */
  protected silence(): void {
    this.#isSilent = true;
  }

  push(value: object): void {
    if (this.#isSilent) return;
    if (this.#inLine >= WAITING_VALUES) {
      this.#outbox.giveUp();
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

  /** Takes several that everybody is told together: all of them are one frame to those who share them. */
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
      // Those before the one that cannot be executed are still told, each by itself.
      return null;
    }
  }

  #addInTurn(rendering: Promise<FrameTemplate>): void {
    this.#inLine += 1;
    // Its turn comes later than its failure may.
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
