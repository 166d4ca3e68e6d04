/**
 * Passes values from a producer that cannot wait to a consumer that pulls them. The producer checks
 * `size` and stops producing; the queue drops nothing.
 */
export interface PullQueue<Value> {
  /** Number of values that wait for the consumer. */
  readonly size: number;
  put(value: Value): void;
  /** Returns the next value, waiting if necessary. After the end, the result is `done`. */
  take(): Promise<IteratorResult<Value, undefined>>;
  /**
   * Ends the queue after its remaining values. With an error, the next `take` then rejects once.
   */
  end(error?: Error): void;
  /** Ends the queue and discards its values. */
  clear(): void;
}

/** @param onTake called with each value just before the consumer receives it */
export function makePullQueue<Value>(onTake: (value: Value) => void): PullQueue<Value> {
  interface Waiter {
    resolve(result: IteratorResult<Value, undefined>): void;
    reject(error: Error): void;
  }
  let values: Value[] = [];
  let waiters: Waiter[] = [];
  let ended = false;
  let failure: Error | undefined;

  /** Invariant: the queue never holds both values and waiters. */
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
