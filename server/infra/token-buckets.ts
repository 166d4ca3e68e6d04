/** A count per number of seconds. */
export interface Window {
  count: number;
  seconds: number;
}

/** Parses `50/10,1000/600`; `0` means no window. The settings were validated before. */
export function parseWindows(text: string): Window[] {
  if (text === "0") return [];
  return text.split(",").map((part) => {
    const [count = 0, seconds = 0] = part.split("/").map(Number);
    return { count, seconds };
  });
}

/** Counts within this process, synchronously, for frequent actions. */
export interface TokenBuckets {
  /** Takes one token and returns 0, or takes none and returns the milliseconds until the next one. */
  take(key: string): number;
  /** Number of tracked keys. */
  readonly size: number;
}

const FIRST_SWEEP = 1_024;

export interface TokenBucketsOptions {
  /** Limits, all of which apply. */
  windows: readonly Window[];
  /** Milliseconds since the Unix epoch. */
  now: () => number;
}

/**
 * Creates a token bucket for each key and window: it holds `count` tokens and refills in `seconds`. It
 * stores the time at which the bucket will be full, as the generic cell rate algorithm does (ITU-T I.371,
 * annex A.1). Full buckets are dropped, so it holds only keys used within the longest window.
 */
export function makeTokenBuckets({ windows, now }: TokenBucketsOptions): TokenBuckets {
  const rates = windows.map(({ count, seconds }) => ({
    capacity: seconds * 1_000,
    cost: (seconds * 1_000) / count,
  }));
  /** For each key, the time at which its bucket for each window is full. */
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
      // Differences below one millisecond are rounding errors.
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
