import { OverloadedError } from "../kernel/errors.ts";

/** Lets a bounded number of works run at once, and a bounded number wait for their turn. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Makes a gate whose function rejects with `OverloadedError` when too many wait already.
 *
 * @param concurrency  works at once
 * @param queueLimit   how many more may wait
 * @param retryAfterMs when those that are turned away may try again
 */
export function makeGate(concurrency: number, queueLimit: number, retryAfterMs: number): Gate {
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
