import { setTimeout as delay } from "node:timers/promises";

export interface EventuallyOptions {
  /** Timeout in milliseconds, not a bound on speed; 10,000 by default. */
  timeoutMs?: number;
  /** Pause between two attempts, in milliseconds; 20 by default. */
  intervalMs?: number;
  /** The awaited condition, for the error message. */
  what?: string;
}

/**
 * Waits for a condition: repeats `attempt` until it neither throws nor returns `false`, so that both a
 * body of `expect` lines and a predicate work.
 *
 * @returns the result of the successful attempt
 * @throws the last attempt's error, or one that names the condition
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
