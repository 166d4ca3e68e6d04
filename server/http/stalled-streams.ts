import type { ServerResponse } from "node:http";

/** How long a reader of an event stream may take nothing before the stream is cut, in milliseconds. */
const STALLED_MS = 60_000;

/**
 * Cuts an event stream whose reader takes nothing: signs of life are written to every stream far more often
 * than that, so where nothing could be written for so long, nobody reads.
 *
 * @param limitMs how long, in milliseconds; tests have less time
 */
export function cutWhenStalled(response: ServerResponse, limitMs: number = STALLED_MS): void {
  response.setTimeout(limitMs, () => response.destroy());
}
