/** The start or the end of a fault. */
export type Step = () => Promise<unknown>;

/** Runs steps one after another, driven by the progress of the disturbed work. */
export interface Script {
  /** Reports one completed piece of work. */
  progress(): void;
  /** Whether all steps have run and have been effective for a while. */
  readonly isOver: boolean;
  /** Failures of steps; empty in a good run. */
  readonly failures: readonly unknown[];
}

/**
 * Runs the steps in turn, each after the previous one and a given amount of progress.
 *
 * @param every pieces of work between two steps, and after the last
 */
export function makeScript(steps: readonly Step[], every: number): Script {
  const rest = [...steps];
  const failures: unknown[] = [];
  let busy = false;
  let since = 0;
  return {
    progress: () => {
      if (busy) return;
      since += 1;
      if (since < every) return;
      const step = rest.shift();
      if (!step) return;
      busy = true;
      step()
        .catch((error: unknown) => failures.push(error))
        .finally(() => {
          busy = false;
          since = 0;
        });
    },
    get isOver() {
      return !busy && rest.length === 0 && since >= every;
    },
    failures,
  };
}
