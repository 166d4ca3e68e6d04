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
  restMs: number;
  /** Delay in milliseconds after due work remained or could not be checked. */
  pauseMs: number;
}

/** Wakes at the next due time; otherwise it costs nothing. */
export interface DueTimer {
  start(): void;
  /** Announces work that is due at a time, in milliseconds since the Unix epoch. */
  setFor(at: number): void;
  /** Waits for the running work. */
  stop(): Promise<void>;
}

export function makeDueTimer({ clock, work, failed, restMs, pauseMs }: DueTimerOptions): DueTimer {
  let timer: NodeJS.Timeout | undefined;
  let wakesAt = Infinity;
  let running: Promise<void> | null = null;
  let stopped = true;

  const setFor = (at: number): void => {
    if (stopped || at >= wakesAt) return;
    wakesAt = at;
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
    wakesAt = Infinity;
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
    const soonest = Math.min(next ?? Infinity, wakesAt);
    wakesAt = Infinity;
    setFor(soonest <= now ? now + pauseMs : Math.min(soonest, now + restMs));
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
