import pg from "pg";
import { TransactionPool } from "./transaction-pool.ts";

export interface PoolOptions {
  /** Connection string. */
  url: string;
  /** Maximum number of connections of all pools together. Values below eight count as eight. */
  size: number;
  /** Maximum duration of a statement in the bounded pool, in milliseconds. */
  boundedTimeoutMs: number;
  Client: typeof pg.Client;
}

/** Pools whose connections differ in their settings. */
export interface Pools {
  /** For Prisma, and for transactions. */
  main: TransactionPool;
  /** For prepared reads outside transactions. */
  reads: pg.Pool;
  /** For the prepared statements of the log. They never wait for a connection that a use case holds. */
  log: pg.Pool;
  /** For queries of unknown cost. */
  bounded: pg.Pool;
}

export const CONNECT_TIMEOUT_MS = 5_000;
export const TRANSACTION_TIMEOUT_MS = 10_000;
/** Two exports may each hold a connection for minutes; other transactions need a third one. */
const LEAST_MAIN = 3;
/** Connections that the watch uses. */
const WATCH_SHARE = 1;

/**
 * Settings of all connections.
 *
 * JIT compilation of a plan takes tens of milliseconds, more than any statement here gains, and PostgreSQL
 * repeats it for each execution with a high estimated cost. Read committed lets a transaction that waited for
 * the log's head see rows committed meanwhile, regardless of the default of the operator's database. Set
 * here, the isolation level costs no extra statement.
 */
const COMMON_OPTIONS = "-c jit=off -c default_transaction_isolation=read\\ committed";

/**
 * Settings for queries of unknown cost: no sequential scans and no parallel plans. An index entry counts as a
 * twentieth of a page. With PostgreSQL's own 0.005, the planner would read the half a million entries of a
 * common word (0.3 µs each) to avoid some hundred messages (2 µs each).
 */
const BOUNDED_OPTIONS = `${COMMON_OPTIONS} -c enable_seqscan=off -c max_parallel_workers_per_gather=0 -c cpu_index_tuple_cost=0.05`;

/**
 * Settings for prepared statements: one plan for each connection, regardless of the values. PostgreSQL would
 * plan some statements anew each time, because it assumes ten ids in a list; for a list of one id, planning
 * took three times as long as execution.
 * https://www.postgresql.org/docs/current/sql-prepare.html#SQL-PREPARE-NOTES The plan is kept while small
 * tables grow, so it must not contain sequential scans.
 */
const PREPARED_OPTIONS = `${COMMON_OPTIONS} -c plan_cache_mode=force_generic_plan -c enable_seqscan=off`;

/** Makes the pools. None opens a connection before its first query. */
export function makePools({ url, size, boundedTimeoutMs, Client }: PoolOptions): Pools {
  const logShare = Math.max(2, Math.ceil(size / 4));
  const boundedShare = Math.max(1, Math.floor(size / 8));
  const rest = size - logShare - boundedShare - WATCH_SHARE;
  const readsShare = Math.max(1, Math.floor(rest / 3));
  const common = {
    connectionString: url,
    Client,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // A frozen instance must not keep the log's head locked for the others.
    idle_in_transaction_session_timeout: TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
  };
  const pools: Pools = {
    main: new TransactionPool({
      ...common,
      max: Math.max(LEAST_MAIN, rest - readsShare),
      options: COMMON_OPTIONS,
    }),
    reads: new pg.Pool({ ...common, max: readsShare, options: PREPARED_OPTIONS }),
    log: new pg.Pool({ ...common, max: logShare, options: PREPARED_OPTIONS }),
    bounded: new pg.Pool({
      ...common,
      max: boundedShare,
      statement_timeout: boundedTimeoutMs,
      options: BOUNDED_OPTIONS,
    }),
  };
  for (const pool of Object.values(pools) as pg.Pool[]) {
    // The pool replaces an idle connection that the server closed at the next query.
    pool.on("error", () => undefined);
  }
  return pools;
}
