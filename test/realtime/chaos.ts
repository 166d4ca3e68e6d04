/** Something that breaks, or is repaired. */
export type Step = () => Promise<unknown>;

/** Lets one thing after another happen, driven by the progress of the work that it disturbs. */
export interface Script {
  /** To be called for every piece of work that got done. */
  progress(): void;
  /** Whether all steps have been taken and have had their effect for a while. */
  readonly isOver: boolean;
  /** Why a step failed; a good run has none. */
  readonly failures: readonly unknown[];
}

/**
 * Takes the steps in turn, each when the one before is done and so much work has been done since.
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
