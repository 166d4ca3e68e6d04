import { OverloadedError } from "../kernel/errors.ts";

/** Bounds the number of running and waiting tasks. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

export interface GateOptions {
  /** Maximum number of running tasks. */
  concurrency: number;
  /** Maximum number of waiting tasks. */
  queueLimit: number;
  /** Delay after which a rejected caller may retry, in milliseconds. */
  retryAfterMs: number;
}

/** Creates a gate. It rejects a task with `OverloadedError` if too many tasks wait. */
export function makeGate({ concurrency, queueLimit, retryAfterMs }: GateOptions): Gate {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= concurrency) {
      if (waiting.length >= queueLimit) throw new OverloadedError(retryAfterMs);
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The slot passes directly to the next task in the queue.
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
