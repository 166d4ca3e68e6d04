/** SQLSTATE classes begin with a digit, except these. The pattern cannot match `EPIPE` or `P1001`. */
const SQL_STATE = /^(?:\d[0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/;
const PRISMA_CODE = /^P[1-9]\d{3}$/;

/**
 * Returns the SQLSTATE of a failure that PostgreSQL reported, thrown by node-postgres or wrapped by
 * Prisma; otherwise null. Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function sqlStateOf(error: unknown): string | null {
  const state = property(driverCauseOf(error), "originalCode") ?? property(error, "code");
  return typeof state === "string" && SQL_STATE.test(state) ? state : null;
}

/** Returns Prisma's code of a failure, such as `P1001`; otherwise null. */
export function prismaCodeOf(error: unknown): string | null {
  const code = property(error, "code");
  return typeof code === "string" && PRISMA_CODE.test(code) ? code : null;
}

/** Returns the driver adapter's name of a failure, such as `DatabaseNotReachable`; otherwise null. */
export function driverKindOf(error: unknown): string | null {
  const kind = property(driverCauseOf(error), "kind");
  return typeof kind === "string" ? kind : null;
}

/** Returns the adapter's cause, also if its error is not wrapped. */
function driverCauseOf(error: unknown): unknown {
  return property(property(property(error, "meta"), "driverAdapterError") ?? error, "cause");
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
