import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import type { Db } from "./db.ts";

/** A transaction of Prisma, from its beginning to its end. */
export interface Transaction {
  readonly kind: "unit" | "snapshot";
  /** Its handle; null before it has begun. It stays after the end, and then rejects every statement. */
  db: Db | null;
  /** Whether it has committed or rolled back. */
  hasEnded: boolean;
  /** The connection that it runs on; null before Prisma takes one, and after the end. */
  connection: pg.PoolClient | null;
  /** Settles after the statement in progress: a connection runs one statement at a time. */
  lastStatement: Promise<unknown>;
}

type Connected = Parameters<pg.Pool["connect"]>[0];

/**
 * The pool that Prisma takes its connections from. It finds the connection of each transaction, so that
 * prepared statements can run on it and see the same state of the database as Prisma does.
 *
 * Prisma gives neither its pool nor its adapter anything that identifies a transaction. The async context of
 * `$transaction` is the only link between the two, so this class keeps the transaction there.
 */
export class TransactionPool extends pg.Pool {
  readonly current = new AsyncLocalStorage<Transaction>();

  /** Prisma requests a promise only to begin a transaction, and a callback for single statements. */
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    if (callback !== undefined) {
      super.connect(callback);
      return undefined;
    }
    return this.#connectFor(this.current.getStore());
  }

  async #connectFor(transaction: Transaction | undefined): Promise<pg.PoolClient> {
    const client = await super.connect();
    if (transaction === undefined || transaction.db !== null) return client;
    transaction.connection = client;
    // The pool creates `release` anew for each use of a client. After the release, the connection belongs to another user.
    const release = client.release.bind(client);
    client.release = (error) => {
      transaction.connection = null;
      release(error);
    };
    return client;
  }
}
