/** Classes of SQLSTATE after which the same statement may succeed: connection, rollback, resources, operator. */
const TRANSIENT_CLASSES = new Set(["08", "40", "53", "57"]);
const NETWORK_CODES = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOENT"]);

/**
 * Whether a failure of PostgreSQL or of the way to it is likely to pass.
 * Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = "code" in error ? error.code : undefined;
  if (typeof code === "string")
    return NETWORK_CODES.has(code) || TRANSIENT_CLASSES.has(code.slice(0, 2));
  // node-postgres reports a lost connection without a code.
  return /connection terminated|timeout exceeded when trying to connect|not queryable/i.test(
    error.message,
  );
}
