import type { ValueSink } from "../graphql/stream-field.ts";
import { encodeOperationId, type FrameTemplate } from "../log/delivery/frame.ts";
import type { Outbox } from "../log/delivery/outbox.ts";

/** Values that may wait for one that takes long to execute, before their receiver counts as too slow. */
const WAITING_VALUES = 2_000;

/** Where a sink's frames come from: executes a value, given the bytes of the encoded operation id. */
export interface FrameSource {
  frame(value: object, idLength: number): FrameTemplate | Promise<FrameTemplate>;
}

/**
 * Turns values into frames for one operation, in order, also where executing one has to wait. When one
 * cannot be executed the operation ends, and nothing that comes after it is told: whoever asks again goes
 * on from what came before.
 */
export class FrameSink implements ValueSink<object> {
  readonly #outbox: Outbox;
  readonly #id: Buffer;
  readonly #source: FrameSource;
  readonly #end: () => void;
  #waiting: Promise<void> | null = null;
  #inLine = 0;
  #isBroken = false;

  /**
   * @param outbox      where the frames go
   * @param operationId as the client has it
   * @param end         ends the operation; may be called again
   */
  constructor(outbox: Outbox, operationId: string, source: FrameSource, end: () => void) {
    this.#outbox = outbox;
    this.#id = encodeOperationId(operationId);
    this.#source = source;
    this.#end = end;
  }

  push(value: object): void {
    if (this.#isBroken) return;
    if (this.#inLine >= WAITING_VALUES) {
      this.#outbox.giveUp();
      return;
    }
    let template: FrameTemplate | Promise<FrameTemplate>;
    try {
      template = this.#source.frame(value, this.#id.length);
    } catch {
      template = Promise.reject(new Error("a value could not be executed"));
    }
    if (this.#waiting === null && !(template instanceof Promise))
      this.#outbox.add(template, this.#id);
    else this.#addInTurn(Promise.resolve(template));
  }

  #addInTurn(rendering: Promise<FrameTemplate>): void {
    this.#inLine += 1;
    // Its turn comes later than its failure may.
    rendering.catch(() => undefined);
    const turn: Promise<void> = (this.#waiting ?? Promise.resolve()).then(async () => {
      try {
        const template = await rendering;
        if (!this.#isBroken) this.#outbox.add(template, this.#id);
      } catch {
        this.#isBroken = true;
        this.#end();
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

  end(): void {
    this.#end();
  }
}
