import type { Clock } from "../../kernel/clock.ts";

export interface DueTimerOptions {
  clock: Clock;
  /**
   * Does the due work. Called for one timer at a time.
   *
   * @returns the next due time in milliseconds since the Unix epoch; null if nothing is scheduled
   */
  work: () => Promise<number | null>;
  failed: (error: unknown) => void;
  /** Maximum time between two checks, in milliseconds; finds work whose notification was lost. */
  maxIntervalMs: number;
  /** Delay in milliseconds after due work remained or could not be checked. */
  minIntervalMs: number;
}

/** Wakes at the next due time; otherwise it costs nothing. */
export interface DueTimer {
  start(): void;
  /** Announces work that is due at a time, in milliseconds since the Unix epoch. */
  setFor(at: number): void;
  /** Waits for the running work. */
  stop(): Promise<void>;
}

export function makeDueTimer({
  clock,
  work,
  failed,
  maxIntervalMs,
  minIntervalMs,
}: DueTimerOptions): DueTimer {
  let timer: NodeJS.Timeout | undefined;
  let nextRunAt = Infinity;
  let running: Promise<void> | null = null;
  let stopped = true;

  const setFor = (at: number): void => {
    if (stopped || at >= nextRunAt) return;
    nextRunAt = at;
    clearTimeout(timer);
    if (running !== null) return;
    timer = setTimeout(
      () => {
        running = run();
      },
      Math.max(0, at - clock.now()),
    );
    timer.unref();
  };

  const run = async (): Promise<void> => {
    nextRunAt = Infinity;
    let next: number | null = null;
    try {
      next = await work();
    } catch (error) {
      failed(error);
      next = clock.now();
    }
    running = null;
    const now = clock.now();
    // Times announced meanwhile count, too.
    const earliest = Math.min(next ?? Infinity, nextRunAt);
    nextRunAt = Infinity;
    setFor(earliest <= now ? now + minIntervalMs : Math.min(earliest, now + maxIntervalMs));
  };

  return {
    start: () => {
      stopped = false;
      setFor(clock.now());
    },
    setFor,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
