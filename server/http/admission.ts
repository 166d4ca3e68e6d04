import type { Logger } from "../kernel/logger.ts";

/** Bounds the number of running operations on this instance, over all transports. */
export interface Admission {
  /**
   * Admits an operation. Returns a function to call once when the operation is over; null if too many are
   * running.
   */
  enter(): (() => void) | null;
  /** Number of running operations. */
  readonly running: number;
  /** Number of rejected operations since the start. */
  readonly refused: number;
}

/** Delay after which a rejected client may retry, in milliseconds. */
export const RETRY_AFTER_MS = 1_000;
/** If no operation was rejected for this long, in milliseconds, the next rejection is logged again. */
const QUIET_MS = 30_000;

export interface AdmissionOptions {
  /** Maximum number of running operations. */
  limit: number;
  logger: Logger;
}

/**
 * Creates the admission control. A waiting operation holds memory, so operations beyond the limit are
 * rejected immediately and the others are served as usual. The log reports each overload once.
 */
export function makeAdmission({ limit, logger }: AdmissionOptions): Admission {
  let running = 0;
  let refused = 0;
  let lastRefusal = -Infinity;

  const refuse = (): null => {
    const now = performance.now();
    if (now - lastRefusal > QUIET_MS)
      logger.warn({ limit }, "Too many operations are running; further ones are rejected");
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
