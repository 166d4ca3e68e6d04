import type { Clock } from "../../kernel/clock.ts";

export interface DueTimerOptions {
  clock: Clock;
  /**
   * Does what is due. Called for one alarm at a time.
   *
   * @returns when something is due next, in milliseconds since the Unix epoch; null when nothing is
   */
  work: () => Promise<number | null>;
  failed: (error: unknown) => void;
  /** Longest time between two looks, in milliseconds: whatever nobody told of is found then. */
  restMs: number;
  /** How long it waits, in milliseconds, where what was due is still there or could not be looked for. */
  pauseMs: number;
}

/** Wakes when something is due, and otherwise costs nothing. */
export interface DueTimer {
  start(): void;
  /** Something is due at this time, in milliseconds since the Unix epoch. */
  setFor(at: number): void;
  /** Waits for what is being done. */
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
    // What was set meanwhile counts, too.
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
