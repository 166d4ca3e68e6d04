import { isControl, type StreamEvent } from "../log/event.ts";
import { FrameTemplate } from "./frame.ts";

/** Executes a subscription's operation for one event or signal; the result as JSON. */
export type Render = (value: object) => string | Promise<string>;

/** The answer to one event, with a frame for each length of operation id that has asked so far. */
class Rendered {
  readonly #payload: Buffer;
  readonly #templates = new Map<number, FrameTemplate>();
  #latest: FrameTemplate | null = null;
  #latestLength = 0;

  constructor(json: string) {
    this.#payload = Buffer.from(json);
  }

  template(idLength: number): FrameTemplate {
    // Ids of the same client program are mostly equally long.
    if (this.#latest !== null && this.#latestLength === idLength) return this.#latest;
    let template = this.#templates.get(idLength);
    if (template === undefined)
      this.#templates.set(idLength, (template = FrameTemplate.of(this.#payload, idLength)));
    this.#latest = template;
    this.#latestLength = idLength;
    return template;
  }
}

/** What has been rendered, by event. */
interface Memory {
  get(value: object): Rendered | Promise<Rendered> | undefined;
  set(value: object, rendered: Rendered | Promise<Rendered>): void;
}

/**
 * Whether nobody else asks for it once others have come after it: a stream makes it by itself. Thousands who
 * come back are each told that their stream is ready.
 */
function isForOne(value: object): boolean {
  return "type" in value && isControl(value as StreamEvent);
}

/**
 * Live events come once, one after the other: only the answer to the latest is asked for again. Those
 * who come back at the same time are told the same earlier ones, each of them one after the other.
 *
 * An answer that had to be waited for shows what was read from the database just then, and not only the
 * event: it is for those who wait together, and whoever asks later gets one of their own.
 *
 * @param size how many earlier ones are remembered
 */
function makeRenderCache(size: number): Memory {
  let latest: object | null = null;
  let rendered: Rendered | Promise<Rendered> | undefined;
  const earlier = new Map<object, Rendered>();
  let since = 0;
  /** What is signed or read when an event is shown must not be shown for long. */
  const expire = (): void => {
    const now = Date.now();
    if (now - since < REMEMBERED_MS) return;
    earlier.clear();
    since = now;
  };
  return {
    get: (value) => {
      if (value === latest) return rendered;
      expire();
      return earlier.get(value);
    },
    set: (value, fresh) => {
      if (latest !== null && rendered instanceof Rendered && size > 0 && !isForOne(latest)) {
        earlier.set(latest, rendered);
        // A Map keeps the order of insertion, so its first is the oldest.
        const oldest = earlier.keys().next();
        if (earlier.size > size && oldest.done !== true) earlier.delete(oldest.value);
      }
      latest = value;
      rendered = fresh;
      if (!(fresh instanceof Promise)) return;
      const forget = (): void => {
        if (rendered === fresh) [latest, rendered] = [null, undefined];
      };
      fresh.then(forget, forget);
    },
  };
}

/**
 * How long answers are remembered: for as long as the state is that they show; for a second, where several
 * viewers share them; or until the next.
 */
export type CachePolicy = "state" | "shared" | "own";

/** Several pages of a replay. */
const EARLIER = 4_096;
const REMEMBERED_MS = 1_000;
/** Pages of several rooms. */
const RUNS = 16;

function makeMemory(remembering: CachePolicy): Memory {
  if (remembering === "state") return new WeakMap();
  return makeRenderCache(remembering === "shared" ? EARLIER : 0);
}

interface JoinedRun {
  values: readonly object[];
  idLength: number;
  frame: FrameTemplate;
}

/**
 * The latest runs and their frames. Live, everybody is told the same one in the same turn; of those who come
 * back to a few rooms at the same time, many are told the same pages.
 */
class Runs {
  #latest: JoinedRun[] = [];
  #since = 0;

  find(values: readonly object[], idLength: number): FrameTemplate | undefined {
    const now = Date.now();
    // What is signed or read when an event is shown must not be shown for long.
    if (now - this.#since >= REMEMBERED_MS) [this.#latest, this.#since] = [[], now];
    return this.#latest.find((run) => run.idLength === idLength && areTheSame(run.values, values))
      ?.frame;
  }

  keep(values: readonly object[], idLength: number, frame: FrameTemplate): void {
    this.#latest.unshift({ values, idLength, frame });
    if (this.#latest.length > RUNS) this.#latest.pop();
  }
}

function areTheSame(values: readonly object[], others: readonly object[]): boolean {
  return (
    values === others ||
    (values.length === others.length && values.every((value, index) => value === others[index]))
  );
}

/**
 * Subscriptions with the same document and variables, of viewers for whom the answer is the same.
 * An event is executed and serialised once for all of them.
 */
export class SharedOperation {
  readonly key: string;
  /** How many subscriptions have it. */
  users = 0;
  readonly #left: (operation: SharedOperation) => void;
  readonly #render: Render;
  readonly #memory: Memory;
  readonly #runs: Runs | null;

  /** @param left told when no subscription has it any more */
  constructor(
    key: string,
    render: Render,
    remembering: CachePolicy,
    left: (operation: SharedOperation) => void = () => undefined,
  ) {
    this.key = key;
    this.#left = left;
    this.#render = render;
    this.#runs = remembering === "shared" ? new Runs() : null;
    this.#memory = makeMemory(remembering);
  }

  /** One subscription fewer has it. */
  leave(): void {
    this.users -= 1;
    if (this.users === 0) this.#left(this);
  }

  /**
   * Answers the frame for an event, at once where executing it waits for nothing.
   *
   * @param idLength characters of the encoded operation id
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

  /**
   * Answers one frame for several values that are told together, the same one to all who are told the same
   * at the same time; null where one of them has to be waited for.
   *
   * @param idLength characters of the encoded operation id
   */
  run(values: readonly object[], idLength: number): FrameTemplate | null {
    const known = this.#runs?.find(values, idLength);
    if (known !== undefined) return known;
    const frame = this.#join(values, idLength);
    // For one alone there is nothing to be kept.
    if (frame !== null && this.users > 1) this.#runs?.keep(values, idLength, frame);
    return frame;
  }

  #join(values: readonly object[], idLength: number): FrameTemplate | null {
    const frames: FrameTemplate[] = [];
    for (const value of values) {
      const frame = this.frame(value, idLength);
      if (frame instanceof Promise) {
        // Whoever asks for it by itself is told how it went.
        frame.catch(() => undefined);
        return null;
      }
      frames.push(frame);
    }
    return FrameTemplate.join(frames);
  }
}

/** The shared operations in use, by what makes their answers the same. */
export class OperationGroups {
  readonly #groups = new Map<string, SharedOperation>();

  /** The operation for `key`, made when it is the first. Whoever joins has to leave it. */
  join(key: string, render: Render, remembering: CachePolicy): SharedOperation {
    let operation = this.#groups.get(key);
    if (operation === undefined)
      this.#groups.set(
        key,
        (operation = new SharedOperation(key, render, remembering, this.#forget)),
      );
    operation.users += 1;
    return operation;
  }

  readonly #forget = (operation: SharedOperation): void => {
    this.#groups.delete(operation.key);
  };

  get size(): number {
    return this.#groups.size;
  }
}
