import { setTimeout as delay } from "node:timers/promises";

export interface EventuallyOptions {
  /** When to give up, in milliseconds: no bound on speed. 10,000 unless told. */
  timeoutMs?: number;
  /** Pause between two tries, in milliseconds. 20 unless told. */
  intervalMs?: number;
  /** What is waited for, for the message when it does not come. */
  what?: string;
}

/**
 * Waits for a condition: tries `attempt` until it neither throws nor returns `false`, so that a
 * body of `expect` lines and a predicate both do.
 *
 * @returns what the successful try returned
 * @throws the last try's error, or one that tells what was waited for
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 20, what = "the condition" }: EventuallyOptions = {},
): Promise<Exclude<T, false>> {
  const giveUp = performance.now() + timeoutMs;
  for (;;) {
    let failure: unknown;
    try {
      const result = await attempt();
      if (result !== false) return result as Exclude<T, false>;
      failure = new Error(`${what} did not hold within ${timeoutMs} ms`);
    } catch (error) {
      failure = error;
    }
    if (performance.now() + intervalMs > giveUp) throw failure;
    await delay(intervalMs);
  }
}
