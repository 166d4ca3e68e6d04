import { OverloadedError } from "../kernel/errors.ts";

/** Lets a bounded number of works run at once, and a bounded number wait for their turn. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

export interface GateOptions {
  /** Most tasks in progress. */
  concurrency: number;
  /** Most tasks that wait. */
  queueLimit: number;
  /** Delay after which a rejected caller may retry, in milliseconds. */
  retryAfterMs: number;
}

/**
 * Makes a gate whose function rejects with `OverloadedError` when too many wait already.
 */
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
      // The place goes to the next in line without becoming free in between.
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
