/** Shares turns of the event loop out, so that much work that can wait leaves room for what cannot. */
export interface EventLoopBudget {
  /** Resolves when there is room for so much; at once while the present turn has room, for what is late first. */
  take(amount: number): Promise<void>;
}

/** @param size amount of work of one turn of the event loop; more than that is let in alone */
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
