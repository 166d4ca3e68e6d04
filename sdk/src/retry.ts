import { backoffMs, type BackoffOptions } from "./backoff.ts";
import { isRetryable, ParleyError } from "./errors.ts";

export interface RetryOptions {
  /** Maximum number of calls, including the first. */
  attempts: number;
  /**
   * Delays between attempts. If the server asks for a longer delay, that delay applies. If the
   * server's delay exceeds `capMs`, the call fails rather than make the caller wait that long.
   */
  backoff: BackoffOptions;
  /** Cancels the wait. */
  signal?: AbortSignal | undefined;
}

/**
 * Retries an idempotent call while it fails with a retryable error.
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
      const retryAfterMs = error instanceof ParleyError ? (error.retryAfterMs ?? 0) : 0;
      if (retryAfterMs > backoff.capMs) throw error;
      await sleep(Math.max(backoffMs(attempt, backoff), retryAfterMs), signal);
    }
  }
}

/** Covers the restart of a server: five retries within a few seconds. */
const IDEMPOTENT_RETRIES: RetryOptions = { attempts: 6, backoff: { baseMs: 200, capMs: 5_000 } };

/**
 * Retries an idempotent call through the restart of a server.
 *
 * @throws the last error
 */
export function retryIdempotent<Value>(call: () => Promise<Value>): Promise<Value> {
  return withRetries(call, IDEMPOTENT_RETRIES);
}

/**
 * Waits for a time in milliseconds.
 *
 * @throws the signal's reason if the signal aborts
 */
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
