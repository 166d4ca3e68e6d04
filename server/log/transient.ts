/** Classes of SQLSTATE after which the same statement may succeed: connection, rollback, resources, operator. */
const TRANSIENT_CLASSES = new Set(["08", "40", "53", "57"]);
const NETWORK_CODES = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOENT"]);
/**
 * Prisma's for a server that is away or busy, and for a transaction that got no turn:
 * https://www.prisma.io/docs/orm/reference/error-reference
 */
const PRISMA_CODES = new Set([
  "P1001",
  "P1002",
  "P1008",
  "P1017",
  "P2024",
  "P2028",
  "P2034",
  "P2037",
]);
/** What the adapter below Prisma calls the same. */
const ADAPTER_KINDS = new Set([
  "ConnectionClosed",
  "DatabaseNotReachable",
  "SocketTimeout",
  "TooManyConnections",
  "TransactionWriteConflict",
]);

/**
 * Whether a failure of PostgreSQL or of the way to it is likely to pass, whether it comes from
 * node-postgres or through Prisma.
 * Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const cause = adapterCause(error);
  if (cause !== null) return ADAPTER_KINDS.has(cause.kind) || isTransientCode(cause.code);
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string") return isTransientCode(code);
  // node-postgres reports a lost connection without a code.
  return /connection terminated|timeout exceeded when trying to connect|not queryable/i.test(
    error.message,
  );
}

function isTransientCode(code: string): boolean {
  return (
    NETWORK_CODES.has(code) || PRISMA_CODES.has(code) || TRANSIENT_CLASSES.has(code.slice(0, 2))
  );
}

/** What the database adapter told Prisma, which is more precise than Prisma's own code; null without it. */
function adapterCause(error: Error): { kind: string; code: string } | null {
  const meta: unknown = "meta" in error ? error.meta : undefined;
  const adapterError = isRecord(meta) ? meta["driverAdapterError"] : error;
  const cause = isRecord(adapterError) ? adapterError["cause"] : undefined;
  if (!isRecord(cause) || typeof cause["kind"] !== "string") return null;
  const code = cause["code"];
  return { kind: cause["kind"], code: typeof code === "string" ? code : "" };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
