import { backoffMs, type BackoffOptions } from "./backoff.ts";
import { isRetryable, ParleyError } from "./errors.ts";

export interface RetryOptions {
  /** How many times in all the call is made at most. */
  attempts: number;
  /** Waits between attempts, in milliseconds; a server that names a longer one is obeyed. */
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
      await sleep(Math.max(backoffMs(attempt, backoff), asked), signal);
    }
  }
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
