import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { Prisma, PrismaClient } from "../../generated/prisma/client.ts";
import type { Logger } from "../../kernel/logger.ts";
import { prismaCodeOf, sqlStateOf } from "./sql-state.ts";
import { TransactionPool, type Running } from "./transaction-pool.ts";
import { makeDatabaseWatch } from "./watch.ts";

/** What a store reads and writes with: the client itself or the transaction in progress. */
export type Queryable = Prisma.TransactionClient;

export interface Database {
  /** Prisma outside any transaction. For the schema builder; stores use `current()`. */
  readonly prisma: PrismaClient;
  /** Connections for the log's own prepared statements. */
  readonly pool: pg.Pool;
  /**
   * A few connections for questions whose cost depends on what is asked: PostgreSQL ends a statement that
   * takes too long, and they never take the place of what is certain to be quick. See `isTimeout`.
   */
  readonly bounded: pg.Pool;
  /** Inside `snapshot` or `transaction` that transaction, elsewhere Prisma itself. */
  current(): Queryable;
  /**
   * Reads what is read often, past Prisma: the statement is prepared and planned once for each connection.
   * Where `current()` is a transaction, on its connection. Also for what is written for very many at once:
   * Prisma keeps what it was given last.
   *
   * @param text one of a number of texts that does not grow. It names the columns that it answers, for a
   *   prepared statement does not outlive a migration that adds one to a `*`
   */
  read<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]>;
  /** The same in a transaction, and nowhere else: for what is written while everybody waits for the log's head. */
  within<Row extends pg.QueryResultRow>(
    tx: Queryable,
    text: string,
    values: readonly unknown[],
  ): Promise<Row[]>;
  /**
   * Runs `work` so that all it reads comes from one moment of the database. Read only.
   *
   * @param timeoutMs longest time that it may take: 10 s unless given
   */
  snapshot<T>(work: () => Promise<T>, timeoutMs?: number): Promise<T>;
  /**
   * Runs `work` in a transaction that is tried again when PostgreSQL ends it to break a deadlock
   * or a serialisation conflict; so `work` must not have effects outside the database.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Answers when the database does; rejects otherwise. */
  ping(): Promise<void>;
  /**
   * From now on finds out by itself when PostgreSQL goes away: what needs it is refused at once until it
   * is back, also where it is frozen and would let everybody wait. The operator is told once.
   */
  watch(logger: Logger): void;
  /** Loads what the first use of Prisma would wait for. */
  warm(): Promise<void>;
  /** Whether it is away at this moment, as far as it is watched. */
  readonly isAway: boolean;
  /** How often it has gone away. */
  readonly outages: number;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
const TRANSACTION_TIMEOUT_MS = 10_000;
/** The same between two reads of a snapshot that was asked to last longer. */
const LONG_IDLE_TIMEOUT_MS = 60_000;
const ATTEMPTS = 4;
/** Two exports may hold a connection each for as long as they last: the others need one. */
const LEAST_MAIN = 3;
/** Connections that only find out whether PostgreSQL is there. */
const WATCH_SHARE = 1;
/** Prisma's code for "write conflict or deadlock": https://www.prisma.io/docs/orm/reference/error-reference#p2034 */
const CONFLICT = "P2034";
const CONFLICT_STATES = new Set(["40001", "40P01"]);

/**
 * What all connections have in common.
 *
 * Compiling a plan takes tens of milliseconds, which no statement here is worth, and would be done anew each
 * time. A database that others run does it for what it takes to be costly. And whoever has waited for the
 * log's head must see what was committed meanwhile, whatever that database's default is; said here, no
 * transaction takes a statement of its own to say it.
 */
const COMMON_OPTIONS = "-c jit=off -c default_transaction_isolation=read\\ committed";

/**
 * What a question of unknown cost is planned with: never by reading whole tables, or in parallel. An entry
 * of an index is taken to cost a twentieth of a page. By PostgreSQL's own 0.005 it would take up the half a
 * million entries of a common word (0.3 µs each) to spare itself some hundred messages (2 µs each).
 */
const BOUNDED_OPTIONS = `${COMMON_OPTIONS} -c enable_seqscan=off -c max_parallel_workers_per_gather=0 -c cpu_index_tuple_cost=0.05`;

/**
 * What is prepared is planned once for each connection, whatever it is asked for. PostgreSQL would plan some
 * of it anew each time, since it takes a list of ids to have ten: for one of them that took three times as long
 * as answering. https://www.postgresql.org/docs/current/sql-prepare.html#SQL-PREPARE-NOTES
 * The plan is kept while small tables grow, so it reads none of them as a whole.
 */
const PREPARED_OPTIONS = `${COMMON_OPTIONS} -c plan_cache_mode=force_generic_plan -c enable_seqscan=off`;

export interface DatabaseOptions {
  /** Connection string. */
  url: string;
  /** Most connections of all pools together; at least eight. */
  size: number;
  /** Longest time of a statement on the bounded pool, in milliseconds; 3 s by default. */
  timeoutMs?: number;
}

/**
 * Connects to PostgreSQL. Nothing is opened before the first query.
 */
export function openDatabase({ url, size, timeoutMs = 3_000 }: DatabaseOptions): Database {
  const logShare = Math.max(2, Math.ceil(size / 4));
  const boundedShare = Math.max(1, Math.floor(size / 8));
  const watch = makeDatabaseWatch({ connectionString: url, keepAlive: true });
  const common = {
    connectionString: url,
    Client: watch.Client,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // A frozen instance must not keep the log's head locked for the others.
    idle_in_transaction_session_timeout: TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
  };
  const pool = new pg.Pool({ ...common, max: logShare, options: PREPARED_OPTIONS });
  // An idle connection that the server closes is replaced at the next query.
  pool.on("error", () => undefined);
  const bounded = new pg.Pool({
    ...common,
    max: boundedShare,
    statement_timeout: timeoutMs,
    options: BOUNDED_OPTIONS,
  });
  bounded.on("error", () => undefined);
  const rest = size - logShare - boundedShare - WATCH_SHARE;
  const readsShare = Math.max(1, Math.floor(rest / 3));
  const reads = new pg.Pool({ ...common, max: readsShare, options: PREPARED_OPTIONS });
  reads.on("error", () => undefined);
  const main = new TransactionPool({
    ...common,
    max: Math.max(LEAST_MAIN, rest - readsShare),
    options: COMMON_OPTIONS,
  });
  main.on("error", () => undefined);
  const adapter = new PrismaPg(main, {
    onPoolError: () => undefined,
    onConnectionError: () => undefined,
  });
  const prisma = new PrismaClient({ adapter });
  const { running } = main;
  const names = new Map<string, string>();

  /** The name under which connections know a statement. */
  const nameOf = (text: string): string => {
    let name = names.get(text);
    if (name === undefined) names.set(text, (name = `read-${String(names.size)}`));
    return name;
  };

  const queryOf = (text: string, values: readonly unknown[]): pg.QueryConfig => ({
    name: nameOf(text),
    text,
    values: [...values],
  });

  /** On a transaction's connection, after what is being read there. */
  const readOn = <Row extends pg.QueryResultRow>(
    transaction: Running,
    text: string,
    values: readonly unknown[],
  ): Promise<Row[]> => {
    const turn = transaction.reading.then(async () => {
      const { connection, tx } = transaction;
      if (connection !== null) return (await connection.query<Row>(queryOf(text, values))).rows;
      // Prisma says of a transaction that is over that it is.
      return (tx ?? prisma).$queryRawUnsafe<Row[]>(text, ...values);
    });
    transaction.reading = turn.catch(() => undefined);
    return turn;
  };

  const begin = <T>(
    work: (tx: Queryable) => Promise<T>,
    timeout: number,
    isolationLevel?: Prisma.TransactionIsolationLevel,
  ): Promise<T> => {
    const transaction: Running = { tx: null, connection: null, reading: Promise.resolve() };
    return running.run(transaction, () =>
      prisma.$transaction(
        async (tx) => {
          transaction.tx = tx;
          try {
            return await running.run(transaction, () => work(tx));
          } finally {
            transaction.connection = null;
          }
        },
        { maxWait: CONNECT_TIMEOUT_MS, timeout, ...(isolationLevel && { isolationLevel }) },
      ),
    );
  };

  const attempt = async <T>(work: (tx: Queryable) => Promise<T>): Promise<T> => {
    for (let left = ATTEMPTS - 1; ; left -= 1) {
      try {
        return await begin(work, TRANSACTION_TIMEOUT_MS);
      } catch (error) {
        if (left === 0 || !isConflict(error)) throw error;
      }
    }
  };

  return {
    prisma,
    pool,
    bounded,
    current: () => running.getStore()?.tx ?? prisma,
    read: async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]) => {
      const transaction = running.getStore();
      if (transaction !== undefined) return readOn<Row>(transaction, text, values);
      return (await reads.query<Row>(queryOf(text, values))).rows;
    },
    within: async <Row extends pg.QueryResultRow>(
      tx: Queryable,
      text: string,
      values: readonly unknown[],
    ) => {
      const transaction = running.getStore();
      // Whatever has lost sight of the transaction must not write outside it.
      if (transaction?.tx !== tx) return tx.$queryRawUnsafe<Row[]>(text, ...values);
      return readOn<Row>(transaction, text, values);
    },
    snapshot: (work, timeoutMs) =>
      begin(
        async (tx) => {
          // Whoever asks for more time waits for somebody between two reads, and holds no lock meanwhile.
          if (timeoutMs !== undefined)
            await tx.$executeRawUnsafe(
              `SET LOCAL idle_in_transaction_session_timeout = ${String(LONG_IDLE_TIMEOUT_MS)}`,
            );
          return work();
        },
        timeoutMs ?? TRANSACTION_TIMEOUT_MS,
        Prisma.TransactionIsolationLevel.RepeatableRead,
      ),
    transaction: (work) => {
      const outer = running.getStore()?.tx ?? null;
      return outer === null ? attempt(work) : work(outer);
    },
    ping: async () => {
      await pool.query("SELECT 1");
    },
    watch: watch.start,
    warm: async () => {
      // To connect is not enough: what turns questions into SQL is loaded with the first of them.
      await prisma.logHead.findFirst();
    },
    get isAway() {
      return watch.isAway;
    },
    get outages() {
      return watch.outages;
    },
    close: async () => {
      watch.stop();
      await prisma.$disconnect().catch(() => undefined);
      await Promise.allSettled([main, reads, pool, bounded].map((each) => each.end()));
    },
  };
}

function isConflict(error: unknown): boolean {
  return prismaCodeOf(error) === CONFLICT || CONFLICT_STATES.has(sqlStateOf(error) ?? "");
}

/** Whether a write was refused because a unique value exists already. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002";
}

/** `query_canceled`: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CANCELED = "57014";

/** Whether PostgreSQL ended a statement because it took too long. */
export function isTimeout(error: unknown): boolean {
  return sqlStateOf(error) === CANCELED;
}
