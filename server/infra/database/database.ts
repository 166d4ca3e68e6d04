import { PrismaPg } from "@prisma/adapter-pg";
import type pg from "pg";
import { Prisma, PrismaClient } from "../../generated/prisma/client.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Db, Sql } from "./db.ts";
import { makePools } from "./pools.ts";
import { makePrepare, preparedOn } from "./prepared.ts";
import { sqlStateOf } from "./sql-state.ts";
import { makeTransactions } from "./transactions.ts";
import { makeDatabaseWatch } from "./watch.ts";

export type { Db, Sql } from "./db.ts";

/** Connections for queries of unknown cost. */
export interface BoundedSql extends Sql {
  /** Runs a statement without preparing it: its text or its best plan depends on the values. */
  queryUnprepared<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[],
  ): Promise<Row[]>;
}

export interface Database {
  /**
   * For stores, outside units. In the callback of `snapshot` it is that snapshot.
   *
   * @throws Error inside a unit, where statements must run on the unit's transaction
   */
  readonly main: Db;
  /** Connections for the prepared statements of the log, outside all transactions. */
  readonly log: Sql;
  /**
   * A few connections for queries whose cost depends on the user's input. PostgreSQL cancels a statement that
   * takes too long (`isTimeout`), and such queries never occupy the connections of quick ones.
   */
  readonly bounded: BoundedSql;
  /** For the schema builder only. */
  readonly prisma: PrismaClient;
  /**
   * Runs `work` in a read-only view of one moment. While `work` runs, `database.main` is this view, because
   * GraphQL calls resolvers and loaders without a handle.
   *
   * @param timeoutMs longest duration, by default 10 s
   */
  snapshot<T>(work: (tx: Db) => Promise<T>, timeoutMs?: number): Promise<T>;
  /**
   * Runs `work` in a transaction. A deadlock or a serialisation conflict runs `work` again, so it must have no
   * effects outside the database.
   *
   * @throws Error inside another transaction
   */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>;
  /** Resolves when PostgreSQL responds; rejects otherwise. */
  ping(): Promise<void>;
  /**
   * Starts to detect outages of PostgreSQL. During an outage, all statements fail immediately, even if
   * PostgreSQL is frozen and would keep them waiting. The log gets one line for each outage.
   */
  watch(logger: Logger): void;
  /** Loads Prisma's code, so that its first use need not wait for it. */
  warm(): Promise<void>;
  /** Whether an outage is in progress, as far as `watch` knows. */
  readonly isAway: boolean;
  /** Number of outages since the start. */
  readonly outages: number;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Connection string. */
  url: string;
  /** Maximum number of connections, at least eight. */
  size: number;
  /** Longest that a statement on `bounded` may take, in milliseconds: 3 s by default. */
  boundedTimeoutMs?: number;
}

/** Creates the handle of a PostgreSQL database. The first query opens the first connection. */
export function openDatabase({ url, size, boundedTimeoutMs = 3_000 }: DatabaseOptions): Database {
  const watch = makeDatabaseWatch({ connectionString: url, keepAlive: true });
  const pools = makePools({ url, size, boundedTimeoutMs, Client: watch.Client });
  const adapter = new PrismaPg(pools.main, {
    onPoolError: () => undefined,
    onConnectionError: () => undefined,
  });
  const prisma = new PrismaClient({ adapter });
  const prepare = makePrepare();
  const { main, snapshot, transaction } = makeTransactions({
    prisma,
    pool: pools.main,
    reads: preparedOn(pools.reads, prepare),
    prepare,
  });

  return {
    main,
    log: preparedOn(pools.log, prepare),
    bounded: {
      ...preparedOn(pools.bounded, prepare),
      queryUnprepared: async <Row extends pg.QueryResultRow>(
        text: string,
        values: readonly unknown[],
      ) => (await pools.bounded.query<Row>(text, [...values])).rows,
    },
    prisma,
    snapshot,
    transaction,
    ping: async () => {
      await pools.log.query("SELECT 1");
    },
    watch: watch.start,
    warm: async () => {
      // A connection is not enough: Prisma loads its query compiler with the first query.
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
      await Promise.allSettled((Object.values(pools) as pg.Pool[]).map((pool) => pool.end()));
    },
  };
}

/** Whether PostgreSQL rejected a write because a unique value exists already. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002";
}

/** `query_canceled`: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CANCELED = "57014";

/** Whether PostgreSQL canceled a statement because it took too long. */
export function isTimeout(error: unknown): boolean {
  return sqlStateOf(error) === CANCELED;
}
