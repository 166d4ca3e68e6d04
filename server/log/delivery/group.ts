import type { StreamEvent } from "../event.ts";
import { FrameTemplate } from "./frame.ts";

/** Executes a subscription's operation for one event; the result as JSON. */
export type Render = (event: StreamEvent) => string | Promise<string>;

/** The answer to one event, with a frame for each length of operation id that has asked so far. */
class Rendered {
  readonly #payload: Buffer;
  readonly #templates = new Map<number, FrameTemplate>();

  constructor(json: string) {
    this.#payload = Buffer.from(json);
  }

  template(idLength: number): FrameTemplate {
    let template = this.#templates.get(idLength);
    if (template === undefined)
      this.#templates.set(idLength, (template = new FrameTemplate(this.#payload, idLength)));
    return template;
  }
}

/**
 * Subscriptions with the same document and variables, of viewers for whom the answer is the same.
 * An event is executed and serialised once for all of them.
 */
export class SharedOperation {
  readonly #render: Render;
  #event: StreamEvent | null = null;
  #rendered: Rendered | Promise<Rendered> | null = null;

  constructor(render: Render) {
    this.#render = render;
  }

  /**
   * Answers the frame for an event, at once where executing it waits for nothing.
   *
   * @param idLength bytes of the encoded operation id
   */
  frame(event: StreamEvent, idLength: number): FrameTemplate | Promise<FrameTemplate> {
    if (this.#event !== event || this.#rendered === null) {
      this.#event = event;
      const json = this.#render(event);
      this.#rendered =
        typeof json === "string" ? new Rendered(json) : json.then((text) => new Rendered(text));
    }
    return this.#rendered instanceof Rendered
      ? this.#rendered.template(idLength)
      : this.#rendered.then((rendered) => rendered.template(idLength));
  }
}

/** The shared operations in use, by what makes their answers the same. */
export class OperationGroups {
  readonly #groups = new Map<string, { operation: SharedOperation; users: number }>();

  /** The operation for `key`, made by `render` when it is the first. Every call needs one `leave`. */
  join(key: string, render: Render): SharedOperation {
    let group = this.#groups.get(key);
    if (group === undefined)
      this.#groups.set(key, (group = { operation: new SharedOperation(render), users: 0 }));
    group.users += 1;
    return group.operation;
  }

  leave(key: string): void {
    const group = this.#groups.get(key);
    if (group === undefined) return;
    group.users -= 1;
    if (group.users === 0) this.#groups.delete(key);
  }

  get size(): number {
    return this.#groups.size;
  }
}
