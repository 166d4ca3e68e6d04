const WAIT_MS = 5_000;
const SHOWN = 5;

/** How a stream ended. */
export interface Ended {
  /** The WebSocket's close code, if the socket closed. */
  code?: number;
  /** The WebSocket's close reason, or the failure. */
  reason?: string;
  /** The errors of an `error` message. */
  errors?: readonly GraphQLProblem[];
}

/** A GraphQL error in its JSON form. */
export interface GraphQLProblem {
  message: string;
  path?: readonly (string | number)[];
  extensions?: { code?: string } & Record<string, unknown>;
}

interface Waiter<T> {
  matches: (item: T) => boolean;
  resolve: (item: T) => void;
  reject: (error: Error) => void;
}

/** Items received from outside, in order, which a test can await. */
export class Inbox<T> {
  /** All received items, consumed or not. */
  readonly all: T[] = [];
  /** Resolves when no more items can arrive. */
  readonly ended: Promise<Ended>;
  readonly #name: string;
  readonly #resolveEnded: (ended: Ended) => void;
  #consumed = 0;
  #end: Ended | undefined;
  #waiters: Waiter<T>[] = [];
  #keeps: (item: T) => boolean = () => true;

  constructor(name: string) {
    this.#name = name;
    const { promise, resolve } = withResolvers<Ended>();
    this.ended = promise;
    this.#resolveEnded = resolve;
  }

  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Ignores all other items from now on. Must be called before the first await. */
  keepOnly(keeps: (item: T) => boolean): void {
    this.#keeps = keeps;
    this.all.splice(0, this.all.length, ...this.all.filter(keeps));
  }

  push(item: T): void {
    if (!this.#keeps(item)) return;
    this.all.push(item);
    this.#serve();
  }

  end(ended: Ended): void {
    if (this.#end) return;
    this.#end = ended;
    this.#resolveEnded(ended);
    this.#serve();
  }

  /**
   * Waits for the next matching item and consumes all items up to it. Several waiters are served in the
   * order of their calls.
   *
   * @param matches any item by default
   * @param timeoutMs timeout in milliseconds
   * @throws if the stream ends or the timeout passes first; the message lists the received items
   */
  next(matches: (item: T) => boolean = () => true, timeoutMs = WAIT_MS): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const from = this.#consumed;
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(
          new Error(`${this.#name}: nothing that matches in ${timeoutMs} ms; ${this.#since(from)}`),
        );
      }, timeoutMs);
      const waiter: Waiter<T> = {
        matches,
        resolve: (item) => {
          clearTimeout(timer);
          resolve(item);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#waiters.push(waiter);
      this.#serve();
    });
  }

  #serve(): void {
    for (let waiter = this.#waiters[0]; waiter; waiter = this.#waiters[0]) {
      const { matches } = waiter;
      const from = this.#consumed;
      const found = this.all.slice(from).findIndex(matches);
      const item = this.all[from + found];
      if (found !== -1 && item !== undefined) {
        this.#consumed = from + found + 1;
        this.#waiters.shift();
        waiter.resolve(item);
      } else if (this.#end) {
        this.#waiters.shift();
        waiter.reject(
          new Error(`${this.#name}: ended (${JSON.stringify(this.#end)}); ${this.#since(from)}`),
        );
      } else {
        return;
      }
    }
  }

  #since(from: number): string {
    const items = this.all.slice(from);
    const last = items.slice(-SHOWN).map((item) => JSON.stringify(item).slice(0, 300));
    return `${items.length} others came${last.length > 0 ? `, last ${last.join(", ")}` : ""}`;
  }
}

/** One running operation. Its items are the values of the subscription's root field. */
export class Stream<T> extends Inbox<T> {
  /** Ends the operation gracefully; a shared connection stays open. */
  complete: () => void = () => undefined;
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: ((value: T) => void) | undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  if (!resolve) throw new Error("a promise runs its executor at once");
  return { promise, resolve };
}
