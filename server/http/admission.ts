import type { Logger } from "../kernel/logger.ts";

/** Lets a bounded number of operations be under way at once on this instance, however they came. */
export interface Admission {
  /** Answers what is to be called, once, when the operation is over; null where there are too many. */
  enter(): (() => void) | null;
  /** Operations under way. */
  readonly running: number;
  /** How many have been turned away since the start. */
  readonly refused: number;
}

/** When those that are turned away may try again, in milliseconds. */
export const RETRY_AFTER_MS = 1_000;
/** So long without a refusal, the next one is news again, in milliseconds. */
const WHILE_MS = 30_000;

export interface AdmissionOptions {
  /** Most operations in progress. */
  limit: number;
  logger: Logger;
}

/**
 * Whatever an operation waits for, it holds memory meanwhile. So those beyond the limit are told at once
 * to come back, and the others are served as before. The operator is told of it once.
 */
export function makeAdmission({ limit, logger }: AdmissionOptions): Admission {
  let running = 0;
  let refused = 0;
  let lastRefusal = -Infinity;

  const refuse = (): null => {
    const now = performance.now();
    if (now - lastRefusal > WHILE_MS)
      logger.warn({ limit }, "Too many operations at once; those beyond are turned away");
    lastRefusal = now;
    refused += 1;
    return null;
  };

  return {
    enter: () => {
      if (running >= limit) return refuse();
      running += 1;
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        running -= 1;
      };
    },
    get running() {
      return running;
    },
    get refused() {
      return refused;
    },
  };
}
