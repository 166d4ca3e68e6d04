import { isControl, type StreamEvent } from "../log/event.ts";
import { FrameTemplate } from "./frame.ts";

/** Executes a subscription for one event or signal and returns the result as JSON. */
export type Render = (value: object) => string | Promise<string>;

/** The result for one event, with one frame for each requested length of operation id. */
class Rendered {
  readonly #payload: Buffer;
  readonly #templates = new Map<number, FrameTemplate>();
  #latest: FrameTemplate | null = null;
  #latestLength = 0;

  constructor(json: string) {
    this.#payload = Buffer.from(json);
  }

  template(idLength: number): FrameTemplate {
    // Ids of the same client program usually have the same length.
    if (this.#latest !== null && this.#latestLength === idLength) return this.#latest;
    let template = this.#templates.get(idLength);
    if (template === undefined)
      this.#templates.set(idLength, (template = FrameTemplate.of(this.#payload, idLength)));
    this.#latest = template;
    this.#latestLength = idLength;
    return template;
  }
}

/** Cached results, by event. */
interface RenderCache {
  get(value: object): Rendered | Promise<Rendered> | undefined;
  set(value: object, rendered: Rendered | Promise<Rendered>): void;
}

/**
 * Whether only one stream receives this value. A stream creates such values itself; thousands of resuming
 * clients each receive their own `Ready`.
 */
function isForOne(value: object): boolean {
  return "type" in value && isControl(value as StreamEvent);
}

/**
 * Creates a cache of rendered events. Live events arrive once and in order, so only the latest result is
 * reused. Clients that resume at the same time replay the same earlier events.
 *
 * A result that required a database read shows the database as of that read, not only the event. Clients
 * that wait together share it; a later request renders again.
 *
 * @param size number of earlier results to keep
 */
function makeRenderCache(size: number): RenderCache {
  let latest: object | null = null;
  let rendered: Rendered | Promise<Rendered> | undefined;
  const earlier = new Map<object, Rendered>();
  let since = 0;
  /** Rendered events may contain signed URLs or data read from the database, so they expire soon. */
  const expire = (): void => {
    const now = Date.now();
    if (now - since < CACHE_MS) return;
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
        // A Map keeps insertion order, so its first entry is the oldest.
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
 * How long results are cached: "state" for as long as that state lasts, "shared" for a second because
 * several viewers share them, "own" until the next result.
 */
export type CachePolicy = "state" | "shared" | "own";

/** Several pages of a replay. */
const CACHED_RESULTS = 4_096;
const CACHE_MS = 1_000;
/** Pages of several rooms. */
const CACHED_RUNS = 16;

function makeCache(policy: CachePolicy): RenderCache {
  if (policy === "state") return new WeakMap();
  return makeRenderCache(policy === "shared" ? CACHED_RESULTS : 0);
}

interface JoinedRun {
  values: readonly object[];
  idLength: number;
  frame: FrameTemplate;
}

/**
 * The latest runs of events and their frames. All live subscribers receive the same run in the same turn.
 * Many clients that resume in a few rooms receive the same pages.
 */
class RunCache {
  #latest: JoinedRun[] = [];
  #since = 0;

  find(values: readonly object[], idLength: number): FrameTemplate | undefined {
    const now = Date.now();
    // Rendered events may contain signed URLs or data read from the database, so they expire soon.
    if (now - this.#since >= CACHE_MS) [this.#latest, this.#since] = [[], now];
    return this.#latest.find(
      (run) => run.idLength === idLength && haveEqualItems(run.values, values),
    )?.frame;
  }

  add(values: readonly object[], idLength: number, frame: FrameTemplate): void {
    this.#latest.unshift({ values, idLength, frame });
    if (this.#latest.length > CACHED_RUNS) this.#latest.pop();
  }
}

function haveEqualItems(values: readonly object[], others: readonly object[]): boolean {
  return (
    values === others ||
    (values.length === others.length && values.every((value, index) => value === others[index]))
  );
}

/**
 * Subscriptions with the same document and variables, whose viewers all receive the same result. Each
 * event is executed and serialized once for all of them.
 */
export class SharedOperation {
  readonly key: string;
  /** Number of subscriptions in the group. */
  users = 0;
  readonly #left: (operation: SharedOperation) => void;
  readonly #render: Render;
  readonly #cache: RenderCache;
  readonly #runs: RunCache | null;

  /** @param left called when the last subscription has left */
  constructor(
    key: string,
    render: Render,
    policy: CachePolicy,
    left: (operation: SharedOperation) => void = () => undefined,
  ) {
    this.key = key;
    this.#left = left;
    this.#render = render;
    this.#runs = policy === "shared" ? new RunCache() : null;
    this.#cache = makeCache(policy);
  }

  /** Removes one subscription. */
  leave(): void {
    this.users -= 1;
    if (this.users === 0) this.#left(this);
  }

  /**
   * Returns the frame for an event, synchronously if its execution needs no wait.
   *
   * @param idLength characters of the encoded operation id
   */
  frame(value: object, idLength: number): FrameTemplate | Promise<FrameTemplate> {
    let rendered = this.#cache.get(value);
    if (rendered === undefined) {
      const json = this.#render(value);
      rendered =
        typeof json === "string" ? new Rendered(json) : json.then((text) => new Rendered(text));
      this.#cache.set(value, rendered);
    }
    return rendered instanceof Rendered
      ? rendered.template(idLength)
      : rendered.then((done) => done.template(idLength));
  }

  /**
   * Returns one frame for several values that are sent together, or null if one of them needs a wait.
   * Subscriptions that receive the same values share the frame.
   *
   * @param idLength characters of the encoded operation id
   */
  run(values: readonly object[], idLength: number): FrameTemplate | null {
    const known = this.#runs?.find(values, idLength);
    if (known !== undefined) return known;
    const frame = this.#join(values, idLength);
    // With a single subscription, no other one reuses the frame.
    if (frame !== null && this.users > 1) this.#runs?.add(values, idLength, frame);
    return frame;
  }

  #join(values: readonly object[], idLength: number): FrameTemplate | null {
    const frames: FrameTemplate[] = [];
    for (const value of values) {
      const frame = this.frame(value, idLength);
      if (frame instanceof Promise) {
        // Callers that request this frame separately receive the error.
        frame.catch(() => undefined);
        return null;
      }
      frames.push(frame);
    }
    return FrameTemplate.join(frames);
  }
}

/** The shared operations in use, by the key that determines their results. */
export class OperationGroups {
  readonly #groups = new Map<string, SharedOperation>();

  /**
   * Returns the operation for `key` and creates it if it is the first. Each caller must later call
   * `leave`.
   */
  join(key: string, render: Render, policy: CachePolicy): SharedOperation {
    let operation = this.#groups.get(key);
    if (operation === undefined)
      this.#groups.set(key, (operation = new SharedOperation(key, render, policy, this.#forget)));
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
