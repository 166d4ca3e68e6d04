/** The flush delay as a multiple of the time that the last write took. */
const PAUSE_PER_WRITE = 8;
/** Maximum flush delay, in milliseconds. */
const MAX_PAUSE_MS = 10;
/**
 * Weight of the newest batch in the share of closely spaced batches, and the share above which events
 * wait.
 */
const WEIGHT = 0.2;
const SHARE = 0.6;

/**
 * Decides how long events wait so that one write can carry several. Events wait only if most batches
 * follow each other closely; an occasional event leaves without delay.
 */
export class FlushDelay {
  #pauseMs = 0;
  #lastEnd = 0;
  /** Share of recent batches that followed the previous one within a pause. */
  #share = 0;

  /** Flush delay in milliseconds for events that arrive at `now` (from `performance.now()`). */
  pause(now: number): number {
    const left = this.#lastEnd + this.#pauseMs - now;
    this.#share += WEIGHT * ((left > 0 ? 1 : 0) - this.#share);
    return this.#share >= SHARE ? Math.max(0, left) : 0;
  }

  /** Records the start and end of a write. */
  recordWrite(begin: number, end: number): void {
    this.#pauseMs = Math.min(MAX_PAUSE_MS, (end - begin) * PAUSE_PER_WRITE);
    this.#lastEnd = end;
  }
}
