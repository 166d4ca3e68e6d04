import { backoffMs, type BackoffOptions } from "./backoff.ts";
import { isRetryable, ParleyError } from "./errors.ts";

export interface RetryOptions {
  /** How many times in all the call is made at most. */
  attempts: number;
  /**
   * Waits between attempts, in milliseconds. A server that names a longer one is obeyed; where that is
   * longer than the longest of ours, the call fails, for somebody may not want to wait for so long.
   */
  backoff: BackoffOptions;
  /** Ends the waiting. */
  signal?: AbortSignal | undefined;
}

/**
 * Repeats a call that is safe to repeat while it fails with a retryable error.
 *
 * @throws the last error, or the signal's reason
 */
export async function withRetries<Value>(
  call: () => Promise<Value>,
  { attempts, backoff, signal }: RetryOptions,
): Promise<Value> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= attempts || !isRetryable(error)) throw error;
      const asked = error instanceof ParleyError ? (error.retryAfterMs ?? 0) : 0;
      if (asked > backoff.capMs) throw error;
      await sleep(Math.max(backoffMs(attempt, backoff), asked), signal);
    }
  }
}

/** Through the restart of a server: five times, within some ten seconds. */
const SAFE: RetryOptions = { attempts: 6, backoff: { baseMs: 200, capMs: 5_000 } };

/**
 * Repeats a call that may be done twice without harm, because the second time changes nothing.
 *
 * @throws the last error
 */
export function repeatSafely<Value>(call: () => Promise<Value>): Promise<Value> {
  return withRetries(call, SAFE);
}

/** Waits; rejects with the signal's reason when that is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
