/** Bounds of a jittered exponential back-off, in milliseconds. */
export interface BackoffOptions {
  /** Longest first wait; doubles with each further attempt. */
  baseMs: number;
  /** No wait is longer than this. */
  capMs: number;
  /** Source of randomness in [0, 1); tests replace it. */
  random?: () => number;
}

/**
 * How long to wait before an attempt, in milliseconds: a random part of a limit that doubles, so
 * that many clients that lost the same server do not come back in the same instant ("equal
 * jitter": at least half of the limit, so that a failing server is left alone for a while).
 *
 * @param attempt the number of the coming attempt, from 1
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  // 2^30 is beyond any cap; larger exponents would only lose precision.
  const exponent = Math.min(Math.max(attempt, 1) - 1, 30);
  const limit = Math.min(options.capMs, options.baseMs * 2 ** exponent);
  const random = options.random ?? Math.random;
  return Math.round(limit / 2 + (random() * limit) / 2);
}
