/** Bounds of an exponential backoff with jitter. */
export interface BackoffOptions {
  /** Upper bound of the first delay in milliseconds; doubles with each attempt. */
  baseMs: number;
  /** Maximum delay in milliseconds. */
  capMs: number;
  /** Source of randomness in [0, 1). Tests replace it. */
  random?: () => number;
}

/**
 * Computes the delay before an attempt, in milliseconds, as exponential backoff with "equal
 * jitter". The delay is random between half the bound and the bound, which doubles per attempt.
 * Jitter keeps clients that lost the same server from reconnecting simultaneously. The lower half
 * gives a failing server time to recover.
 *
 * @param attempt number of the next attempt, from 1
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  // 2^30 exceeds any cap; larger exponents would only lose precision.
  const exponent = Math.min(Math.max(attempt, 1) - 1, 30);
  const limit = Math.min(options.capMs, options.baseMs * 2 ** exponent);
  const random = options.random ?? Math.random;
  return Math.round(limit / 2 + (random() * limit) / 2);
}
