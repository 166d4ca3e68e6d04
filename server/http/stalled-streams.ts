import type { ServerResponse } from "node:http";

/** Time without reads after which an event stream is cut, in milliseconds. */
const STALLED_MS = 60_000;

/**
 * Cuts an event stream whose client reads nothing. Heartbeats are written far more often, so a stream
 * without a successful write for this long has no reader.
 *
 * @param limitMs duration in milliseconds; shorter in tests
 */
export function cutWhenStalled(response: ServerResponse, limitMs: number = STALLED_MS): void {
  response.setTimeout(limitMs, () => response.destroy());
}
