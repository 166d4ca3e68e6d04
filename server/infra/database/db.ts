import type pg from "pg";
import type { Prisma } from "../../generated/prisma/client.ts";

/** Runs prepared SQL. */
export interface Sql {
  /**
   * Runs a statement that each connection prepares and plans once.
   *
   * @param text one of a fixed number of texts. It lists the columns that it returns, because a prepared
   *   statement fails after a migration that adds a column to `*`
   */
  query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]>;
}

/**
 * Where the statements of a store run: `database.main`, the transaction of a unit, or a snapshot. Hot paths
 * use `query`, which bypasses Prisma.
 */
export interface Db extends Sql {
  readonly prisma: Prisma.TransactionClient;
}
