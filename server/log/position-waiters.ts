import type { Position } from "../kernel/cursor.ts";

/** Callers that wait until the tail has delivered a position. */
export interface PositionWaiters {
  /** Resolves when `wanted` is settled; rejects after the time limit. `current` is for the error only. */
  wait(wanted: Position, current: () => Position): Promise<void>;
  /** Resolves the callers that wait for `position` or an earlier one. */
  settle(position: Position): void;
}

/** @param limitMs maximum time that a caller waits, in milliseconds */
export function makePositionWaiters(limitMs: number): PositionWaiters {
  const waiters = new Set<{ position: Position; resolve: () => void }>();
  return {
    wait: async (wanted, current) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          reject(
            new Error(
              `Position ${String(wanted)} was not reached; the log is at ${String(current())}`,
            ),
          );
        }, limitMs);
      });
      const waiter = { position: wanted, resolve: (): void => undefined };
      const arrival = new Promise<void>((resolve) => {
        waiter.resolve = resolve;
        waiters.add(waiter);
      });
      try {
        await Promise.race([arrival, late]);
      } finally {
        clearTimeout(timer);
        waiters.delete(waiter);
      }
    },
    settle: (position) => {
      for (const waiter of waiters) {
        if (waiter.position > position) continue;
        waiters.delete(waiter);
        waiter.resolve();
      }
    },
  };
}
