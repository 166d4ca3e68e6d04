import type pg from "pg";
import { Prisma, type PrismaClient } from "../../generated/prisma/client.ts";
import type { Db, Sql } from "./db.ts";
import { CONNECT_TIMEOUT_MS, TRANSACTION_TIMEOUT_MS } from "./pools.ts";
import type { Prepare } from "./prepared.ts";
import { prismaCodeOf, sqlStateOf } from "./sql-state.ts";
import type { Transaction, TransactionPool } from "./transaction-pool.ts";

/** Longest pause between two reads of a snapshot with a separate timeout. */
const LONG_IDLE_TIMEOUT_MS = 60_000;
const ATTEMPTS = 4;
/** Prisma's code for "write conflict or deadlock": https://www.prisma.io/docs/orm/reference/error-reference#p2034 */
const CONFLICT = "P2034";
const CONFLICT_STATES = new Set(["40001", "40P01"]);

export interface Transactions {
  /** See `Database.main`. */
  readonly main: Db;
  /** See `Database.transaction`. */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>;
  /** See `Database.snapshot`. */
  snapshot<T>(work: (tx: Db) => Promise<T>, timeoutMs?: number): Promise<T>;
}

export interface TransactionsOptions {
  prisma: PrismaClient;
  /** The pool of `prisma`. */
  pool: TransactionPool;
  /** Runs prepared statements outside transactions. */
  reads: Sql;
  prepare: Prepare;
}

export function makeTransactions({
  prisma,
  pool,
  reads,
  prepare,
}: TransactionsOptions): Transactions {
  const { current } = pool;

  const handleOf = (transaction: Transaction, tx: Prisma.TransactionClient): Db => ({
    prisma: tx,
    query: <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]) => {
      const result = transaction.lastStatement.then(async () => {
        const { connection } = transaction;
        if (connection !== null) return (await connection.query<Row>(prepare(text, values))).rows;
        // If the connection is unknown, run on `tx`, never outside the transaction. Prisma finds the
        // connection, or reports that the transaction has ended.
        return tx.$queryRawUnsafe<Row[]>(text, ...values);
      });
      transaction.lastStatement = result.catch(() => undefined);
      return result;
    },
  });

  /** The snapshot in progress; null where statements run outside transactions. */
  const snapshotInProgress = (): Db | null => {
    const transaction = current.getStore();
    // A timer that the callback has set runs after the end, in the same async context.
    if (transaction === undefined || transaction.hasEnded) return null;
    if (transaction.kind === "unit")
      throw new Error("A statement inside a unit must run on the unit's transaction");
    return transaction.db;
  };

  const begin = <T>(
    work: (tx: Db) => Promise<T>,
    kind: Transaction["kind"],
    timeout: number,
  ): Promise<T> => {
    const transaction: Transaction = {
      kind,
      db: null,
      hasEnded: false,
      connection: null,
      lastStatement: Promise.resolve(),
    };
    const isolation = kind === "snapshot" && {
      isolationLevel: Prisma.TransactionIsolationLevel.RepeatableRead,
    };
    return current.run(transaction, () =>
      prisma.$transaction(
        async (tx) => {
          const db = (transaction.db = handleOf(transaction, tx));
          try {
            return await current.run(transaction, () => work(db));
          } finally {
            transaction.connection = null;
            transaction.hasEnded = true;
          }
        },
        { maxWait: CONNECT_TIMEOUT_MS, timeout, ...isolation },
      ),
    );
  };

  return {
    main: {
      get prisma() {
        return snapshotInProgress()?.prisma ?? prisma;
      },
      query: async (text, values) => (snapshotInProgress() ?? reads).query(text, values),
    },
    transaction: async (work) => {
      const outer = current.getStore();
      if (outer !== undefined && !outer.hasEnded)
        throw new Error("A transaction cannot begin inside another one; pass the unit on");
      for (let left = ATTEMPTS - 1; ; left -= 1) {
        try {
          return await begin(work, "unit", TRANSACTION_TIMEOUT_MS);
        } catch (error) {
          if (left === 0 || !isConflict(error)) throw error;
        }
      }
    },
    snapshot: (work, timeoutMs) =>
      begin(
        async (tx) => {
          // A snapshot with a separate timeout waits for a client between two reads. It holds no locks meanwhile.
          if (timeoutMs !== undefined)
            await tx.prisma.$executeRawUnsafe(
              `SET LOCAL idle_in_transaction_session_timeout = ${String(LONG_IDLE_TIMEOUT_MS)}`,
            );
          return work(tx);
        },
        "snapshot",
        timeoutMs ?? TRANSACTION_TIMEOUT_MS,
      ),
  };
}

function isConflict(error: unknown): boolean {
  return prismaCodeOf(error) === CONFLICT || CONFLICT_STATES.has(sqlStateOf(error) ?? "");
}
