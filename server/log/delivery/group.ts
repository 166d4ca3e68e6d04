import { FrameTemplate } from "./frame.ts";

/** Executes a subscription's operation for one event or signal; the result as JSON. */
export type Render = (value: object) => string | Promise<string>;

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

/** What has been rendered, by event. */
interface Memory {
  get(value: object): Rendered | Promise<Rendered> | undefined;
  set(value: object, rendered: Rendered | Promise<Rendered>): void;
}

/** Events come once, one after the other: only the answer to the latest is asked for again. */
function latestOnly(): Memory {
  let latest: object | null = null;
  let rendered: Rendered | Promise<Rendered> | undefined;
  return {
    get: (value) => (value === latest ? rendered : undefined),
    set: (value, fresh) => {
      latest = value;
      rendered = fresh;
    },
  };
}

/**
 * Subscriptions with the same document and variables, of viewers for whom the answer is the same.
 * An event is executed and serialised once for all of them.
 */
export class SharedOperation {
  readonly #render: Render;
  readonly #memory: Memory;

  /**
   * @param isState whether what is rendered is a present state, which everyone who comes is told again:
   *   its answer is then remembered for as long as the state is
   */
  constructor(render: Render, isState = false) {
    this.#render = render;
    this.#memory = isState ? new WeakMap() : latestOnly();
  }

  /**
   * Answers the frame for an event, at once where executing it waits for nothing.
   *
   * @param idLength bytes of the encoded operation id
   */
  frame(value: object, idLength: number): FrameTemplate | Promise<FrameTemplate> {
    let rendered = this.#memory.get(value);
    if (rendered === undefined) {
      const json = this.#render(value);
      rendered =
        typeof json === "string" ? new Rendered(json) : json.then((text) => new Rendered(text));
      this.#memory.set(value, rendered);
    }
    return rendered instanceof Rendered
      ? rendered.template(idLength)
      : rendered.then((done) => done.template(idLength));
  }
}

/** The shared operations in use, by what makes their answers the same. */
export class OperationGroups {
  readonly #groups = new Map<string, { operation: SharedOperation; users: number }>();

  /**
   * The operation for `key`, made when it is the first. Every call needs one `leave`.
   *
   * @param isState see SharedOperation
   */
  join(key: string, render: Render, isState = false): SharedOperation {
    let group = this.#groups.get(key);
    if (group === undefined)
      this.#groups.set(
        key,
        (group = { operation: new SharedOperation(render, isState), users: 0 }),
      );
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
