/** Divides event-loop turns among deferrable work, so that urgent work is not blocked. */
export interface EventLoopBudget {
  /** Resolves when the current turn has room for `amount` units of work, in order of arrival. */
  take(amount: number): Promise<void>;
}

/** @param size units of work in one turn; a larger amount runs alone */
export function makeEventLoopBudget(size: number): EventLoopBudget {
  const waiting: { amount: number; resolve: () => void }[] = [];
  let taken = 0;
  let scheduled = false;

  const next = (): void => {
    scheduled = false;
    taken = 0;
    let first = waiting[0];
    while (first !== undefined && (taken === 0 || taken + first.amount <= size)) {
      taken += first.amount;
      waiting.shift();
      first.resolve();
      first = waiting[0];
    }
    if (taken > 0) schedule();
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(next);
  };

  return {
    take: (amount) => {
      schedule();
      if (waiting.length === 0 && (taken === 0 || taken + amount <= size)) {
        taken += amount;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        waiting.push({ amount, resolve });
      });
    },
  };
}
