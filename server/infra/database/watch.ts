import { setImmediate as turn, setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { Logger } from "../../kernel/logger.ts";
import { sqlStateOf } from "./sql-state.ts";

/** Interval of liveness queries to PostgreSQL, in milliseconds. */
const QUERY_INTERVAL_MS = 1_000;
/** Time limit of a liveness query before PostgreSQL counts as away, in milliseconds. */
const QUERY_TIMEOUT_MS = 2_500;
/** Interval of connection attempts during an outage, in milliseconds. */
const RECONNECT_INTERVAL_MS = 200;
/** The liveness query; tests that count statements exclude it. */
export const LIVENESS_QUERY = "SELECT 'liveness'";
/**
 * Failures that prove that PostgreSQL is running, such as exhausted connections (class 53) or a
 * terminated session (57P01): https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const RUNNING_STATES = /^(?:53|57P01)/;

/** The callback that node-postgres calls after a connection attempt. */
type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

/** Detects whether PostgreSQL responds, on a dedicated connection. */
export interface DatabaseWatch {
  readonly isAway: boolean;
  /** Number of outages since the start. */
  readonly outages: number;
  /**
   * A client class for pools: it fails immediately during an outage, and is disconnected when one begins.
   */
  readonly Client: typeof pg.Client;
  /** Starts the watch. The log reports each outage and its end once. */
  start(logger: Logger): void;
  stop(): void;
}

/**
 * The failure of a connection that was not attempted. Drivers treat it as an error of the operating
 * system.
 */
class DatabaseAwayError extends Error {
  readonly code = "ECONNREFUSED";
  readonly syscall = "connect";
  readonly errno = -111;

  constructor() {
    super("PostgreSQL does not respond");
    this.name = "DatabaseAwayError";
  }
}

/**
 * Creates the watch of a database. A stopped PostgreSQL rejects connections itself. A frozen one, or a
 * network that drops packets, would keep callers waiting; the watch makes their statements fail.
 */
export function makeDatabaseWatch(options: pg.ClientConfig): DatabaseWatch {
  const clients = new Set<pg.Client>();
  const stopping = new AbortController();
  let isAway = false;
  let outages = 0;

  class WatchedClient extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      clients.add(this);
      this.once("end", () => clients.delete(this));
      // The pool handles errors of idle connections, and borrowers handle errors of borrowed ones. A
      // disconnect between the two must not end the process; the next query fails.
      this.on("error", () => undefined);
    }

    override connect(): Promise<pg.Client>;
    override connect(callback: Connected): void;
    override connect(callback?: Connected): Promise<pg.Client> | undefined {
      if (!isAway && callback === undefined) return super.connect();
      if (callback === undefined) return Promise.reject(this.#refuse());
      if (isAway) process.nextTick(callback, this.#refuse());
      else super.connect(callback as (error: Error) => void);
      return undefined;
    }

    #refuse(): Error {
      clients.delete(this);
      return new DatabaseAwayError();
    }
  }

  const beginOutage = (logger: Logger, error: unknown): void => {
    if (isAway || stopping.signal.aborted) return;
    isAway = true;
    outages += 1;
    const reason = error instanceof Error ? error.message : String(error);
    logger.warn(
      { reason },
      "PostgreSQL does not respond; requests that need it fail until it does",
    );
    for (const client of clients) destroy(client);
    clients.clear();
  };
  const endOutage = (logger: Logger): void => {
    if (!isAway) return;
    isAway = false;
    logger.info("PostgreSQL responds again");
  };

  /** Watches one connection until it ends. @returns whether it ever responded */
  const watchConnection = async (logger: Logger): Promise<boolean> => {
    const client = new pg.Client({ ...options, connectionTimeoutMillis: QUERY_TIMEOUT_MS });
    const ended = new AbortController();
    const signal = AbortSignal.any([ended.signal, stopping.signal]);
    client.on("error", () => undefined);
    client.once("end", () => {
      ended.abort();
    });
    let hasResponded = false;
    try {
      await client.connect();
      for (;;) {
        await withTimeout(client.query(LIVENESS_QUERY), () => {
          hasResponded = false;
        });
        hasResponded = true;
        endOutage(logger);
        await delay(QUERY_INTERVAL_MS, undefined, { signal });
      }
    } catch (error) {
      // The end of one connection does not mean that the next one fails.
      const isRunning = hasResponded || RUNNING_STATES.test(sqlStateOf(error) ?? "");
      if (!isRunning) beginOutage(logger, error);
      return hasResponded;
    } finally {
      destroy(client);
    }
  };

  const watch = async (logger: Logger): Promise<void> => {
    const { signal } = stopping;
    while (!signal.aborted) {
      const hasResponded = await watchConnection(logger);
      if (!hasResponded)
        await delay(RECONNECT_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  };

  return {
    get isAway() {
      return isAway;
    },
    get outages() {
      return outages;
    },
    Client: WatchedClient,
    start: (logger) => void watch(logger),
    stop: () => {
      stopping.abort();
    },
  };
}

/** @throws if the response is late, after calling `late` */
async function withTimeout(response: Promise<unknown>, late: () => void): Promise<void> {
  const settled = new AbortController();
  const limit = async (): Promise<never> => {
    await delay(QUERY_TIMEOUT_MS, undefined, { signal: settled.signal });
    // If this process was blocked, the response has already arrived and is read first.
    await turn();
    await turn();
    late();
    throw new Error(`no response within ${String(QUERY_TIMEOUT_MS)} ms`);
  };
  response.catch(() => undefined);
  try {
    await Promise.race([response, limit()]);
  } finally {
    settled.abort();
  }
}

/**
 * Destroys a connection without a shutdown message, because the server would not receive it.
 * node-postgres keeps its socket in an untyped field; its version is pinned.
 */
function destroy(client: pg.Client): void {
  (
    client as unknown as { connection: { stream: { destroy(): void } } }
  ).connection.stream.destroy();
}
