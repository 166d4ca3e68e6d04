import { driverKindOf, prismaCodeOf, sqlStateOf } from "../infra/database/sql-state.ts";

/**
 * Classes of SQLSTATE after which the same statement may succeed: connection, rollback, resources,
 * operator intervention.
 */
const TRANSIENT_CLASSES = new Set(["08", "40", "53", "57"]);
const NETWORK_CODES = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOENT"]);
/**
 * Prisma's codes for an unreachable, slow or disconnected database, and for a pool or transaction
 * timeout: https://www.prisma.io/docs/orm/reference/error-reference
 */
const PRISMA_CODES = new Set(["P1001", "P1002", "P1008", "P1017", "P2024", "P2028", "P2034"]);
/**
 * The driver adapter's names for the same failures. Prisma reports only "P2010" when a raw query fails
 * with one of them.
 */
const DRIVER_KINDS = new Set([
  "ConnectionClosed",
  "DatabaseNotReachable",
  "SocketTimeout",
  "TooManyConnections",
  "TransactionWriteConflict",
]);

/** Whether a PostgreSQL or connection failure is likely to be temporary. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (DRIVER_KINDS.has(driverKindOf(error) ?? "")) return true;
  const state = sqlStateOf(error);
  if (state !== null) return TRANSIENT_CLASSES.has(state.slice(0, 2));
  const prismaCode = prismaCodeOf(error);
  if (prismaCode !== null) return PRISMA_CODES.has(prismaCode);
  const code: unknown = "code" in error ? error.code : undefined;
  if (typeof code === "string") return NETWORK_CODES.has(code);
  // node-postgres reports a lost connection without a code.
  return /connection terminated|timeout exceeded when trying to connect|not queryable/i.test(
    error.message,
  );
}
