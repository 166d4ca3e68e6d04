/** How many times as long as writing the last events took, the next ones may wait for others. */
const PAUSE_PER_WRITING = 8;
/** Longest time that an event waits for others to leave with, in milliseconds. */
const LONGEST_PAUSE_MS = 10;
/** How much the latest to come counts in the share that comes soon after others, and the share from which they wait. */
const WEIGHT = 0.2;
const SHARE = 0.6;

/**
 * Says how long events wait to be written together with others: not at all, unless most have come so soon after
 * each other that it pays. Who says something now and then is heard at once.
 */
export class FlushDelay {
  #pauseMs = 0;
  #lastEnd = 0;
  /** Which share of the latest that were written together came within a pause after those before. */
  #share = 0;

  /** How long those that come at a moment of `performance.now()` wait, in milliseconds. */
  pause(now: number): number {
    const left = this.#lastEnd + this.#pauseMs - now;
    this.#share += WEIGHT * ((left > 0 ? 1 : 0) - this.#share);
    return this.#share >= SHARE ? Math.max(0, left) : 0;
  }

  /** Notes from when to when they were written. */
  written(begin: number, end: number): void {
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, (end - begin) * PAUSE_PER_WRITING);
    this.#lastEnd = end;
  }
}
