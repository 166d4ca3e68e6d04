/**
 * Hands values from a producer that cannot wait to a consumer that pulls them. The producer looks
 * at `size` and stops producing; what was put in is never dropped.
 */
export interface PullQueue<Value> {
  /** How many values wait for the consumer. */
  readonly size: number;
  put(value: Value): void;
  /** The next value; it waits for one, and is done after the end. */
  take(): Promise<IteratorResult<Value, undefined>>;
  /** Ends after what is inside; with an error, the next take after that rejects with it once. */
  end(error?: Error): void;
  /** Ends at once and forgets what is inside. */
  clear(): void;
}

/** @param onTake called with each value as it goes to the consumer, before the consumer sees it */
export function makePullQueue<Value>(onTake: (value: Value) => void): PullQueue<Value> {
  interface Waiter {
    resolve(result: IteratorResult<Value, undefined>): void;
    reject(error: Error): void;
  }
  let values: Value[] = [];
  let waiters: Waiter[] = [];
  let ended = false;
  let failure: Error | undefined;

  /** Invariant: there are never both values and waiters. */
  function release(): void {
    const [first, ...rest] = waiters;
    waiters = [];
    if (first === undefined) return;
    if (failure === undefined) first.resolve({ done: true, value: undefined });
    else first.reject(failure);
    failure = undefined;
    for (const waiter of rest) waiter.resolve({ done: true, value: undefined });
  }

  return {
    get size() {
      return values.length;
    },
    put(value) {
      if (ended) return;
      const waiter = waiters.shift();
      if (waiter === undefined) {
        values.push(value);
        return;
      }
      onTake(value);
      waiter.resolve({ done: false, value });
    },
    take() {
      const value = values.shift();
      if (value !== undefined) {
        onTake(value);
        return Promise.resolve({ done: false, value });
      }
      return new Promise((resolve, reject) => {
        waiters.push({ resolve, reject });
        if (ended) release();
      });
    },
    end(error) {
      if (ended) return;
      ended = true;
      failure = error;
      if (values.length === 0 && waiters.length > 0) release();
    },
    clear() {
      ended = true;
      failure = undefined;
      values = [];
      release();
    },
  };
}
