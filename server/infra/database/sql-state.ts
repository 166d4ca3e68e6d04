/** Classes of PostgreSQL begin with a digit, but for these. None can be mistaken for `EPIPE` or `P1001`. */
const SQL_STATE = /^(?:\d[0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/;
const PRISMA_CODE = /^P[1-9]\d{3}$/;

/**
 * The SQLSTATE of a failure that PostgreSQL reported, whether node-postgres threw it or Prisma wrapped
 * it; null when PostgreSQL had no say in it.
 * Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function sqlStateOf(error: unknown): string | null {
  const state = property(driverCauseOf(error), "originalCode") ?? property(error, "code");
  return typeof state === "string" && SQL_STATE.test(state) ? state : null;
}

/** Prisma's own code of a failure, such as `P1001`; null when it has none. */
export function prismaCodeOf(error: unknown): string | null {
  const code = property(error, "code");
  return typeof code === "string" && PRISMA_CODE.test(code) ? code : null;
}

/** What Prisma's driver calls a failure, such as `DatabaseNotReachable`; null when it had no say in it. */
export function driverKindOf(error: unknown): string | null {
  const kind = property(driverCauseOf(error), "kind");
  return typeof kind === "string" ? kind : null;
}

/** What the driver told Prisma, also where its error comes through unwrapped. */
function driverCauseOf(error: unknown): unknown {
  return property(property(property(error, "meta"), "driverAdapterError") ?? error, "cause");
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
