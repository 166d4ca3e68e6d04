import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import type { Prisma } from "../../generated/prisma/client.ts";

/** A transaction of Prisma's, from its beginning to its end. */
export interface Running {
  /** Null until it has begun. */
  tx: Prisma.TransactionClient | null;
  /** The connection that it runs on; null before it has one, and as soon as it is over. */
  connection: pg.PoolClient | null;
  /** Settles when what is read on the connection has been read: one takes one statement at a time. */
  reading: Promise<unknown>;
}

type Connected = Parameters<pg.Pool["connect"]>[0];

/**
 * The pool that Prisma takes its connections from. It tells which one a transaction runs on, so that what
 * is read often can be read on it past Prisma, and still of the same moment.
 */
export class TransactionPool extends pg.Pool {
  readonly running = new AsyncLocalStorage<Running>();

  /**
   * Prisma asks for a promise where it begins a transaction, and for nothing else; what runs single
   * statements asks for a callback.
   */
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    if (callback !== undefined) {
      super.connect(callback);
      return undefined;
    }
    return this.#connectFor(this.running.getStore());
  }

  async #connectFor(running: Running | undefined): Promise<pg.PoolClient> {
    const client = await super.connect();
    if (running === undefined || running.tx !== null) return client;
    running.connection = client;
    // Made anew each time a client is taken. Whatever ends the transaction, the connection is then another's.
    const release = client.release.bind(client);
    client.release = (error) => {
      running.connection = null;
      release(error);
    };
    return client;
  }
}
