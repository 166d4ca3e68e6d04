/** So many in so many seconds. */
export interface Window {
  count: number;
  seconds: number;
}

/** Reads `50/10,1000/600`; `0` is no window at all. The settings have been checked before. */
export function parseWindows(text: string): Window[] {
  if (text === "0") return [];
  return text.split(",").map((part) => {
    const [count = 0, seconds = 0] = part.split("/").map(Number);
    return { count, seconds };
  });
}

/** Counts within this process, without waiting for anything: for what happens all the time. */
export interface TokenBuckets {
  /** Takes one; answers 0, or in how many milliseconds there is one again, and then takes none. */
  take(key: string): number;
  /** Keys that are remembered. */
  readonly size: number;
}

const FIRST_SWEEP = 1_024;

export interface TokenBucketsOptions {
  /** Limits, all of which apply. */
  windows: readonly Window[];
  /** Milliseconds since the epoch. */
  now: () => number;
}

/**
 * A bucket for each key and window: it holds `count`, and fills up in `seconds`. Kept as the time at
 * which it will be full, as the generic cell rate algorithm does (ITU-T I.371, annex A.1); a bucket
 * that is full is forgotten, so no more are held than were used within the longest window.
 */
export function makeTokenBuckets({ windows, now }: TokenBucketsOptions): TokenBuckets {
  const rates = windows.map(({ count, seconds }) => ({
    capacity: seconds * 1_000,
    cost: (seconds * 1_000) / count,
  }));
  /** For each key, when its bucket for each window is full again. */
  const full = new Map<string, number[]>();
  let sweepAt = FIRST_SWEEP;

  const sweep = (at: number): void => {
    for (const [key, times] of full) if (times.every((time) => time <= at)) full.delete(key);
    sweepAt = Math.max(FIRST_SWEEP, 2 * full.size);
  };

  return {
    take: (key) => {
      if (rates.length === 0) return 0;
      const at = now();
      const times = full.get(key);
      let wait = 0;
      const next = rates.map(({ capacity, cost }, index) => {
        const time = Math.max(times?.[index] ?? 0, at) + cost;
        wait = Math.max(wait, time - at - capacity);
        return time;
      });
      // Fractions of a millisecond come from dividing, not from taking too many.
      if (wait >= 1) return Math.ceil(wait);
      if (times === undefined && full.size >= sweepAt) sweep(at);
      full.set(key, next);
      return 0;
    },
    get size() {
      return full.size;
    },
  };
}
