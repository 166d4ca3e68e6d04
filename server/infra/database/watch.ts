import { setImmediate as turn, setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { Logger } from "../../kernel/logger.ts";
import { sqlStateOf } from "./sql-state.ts";

/** How often PostgreSQL is asked for a sign of life, in milliseconds. */
const ASK_EVERY_MS = 1_000;
/** How long it may take to give one before it counts as away, in milliseconds. */
const ANSWER_LIMIT_MS = 2_500;
/** How often a PostgreSQL that is away is tried again, in milliseconds. */
const TRY_EVERY_MS = 200;
/** The statement that asks; tests that count statements leave it out. */
export const SIGN_OF_LIFE = "SELECT 'sign of life'";
/**
 * What only a PostgreSQL that is there says: that it has no connection left, and the like (class 53), or
 * that somebody ended this one (57P01): https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const SAID_BY_THE_LIVING = /^(?:53|57P01)/;

/** What node-postgres tells of a connection's beginning. */
type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

/** Whether PostgreSQL answers, found out on a connection of its own. */
export interface DatabaseWatch {
  readonly isAway: boolean;
  /** How often it has gone away since the start. */
  readonly outages: number;
  /** A client for pools: it is refused at once while PostgreSQL is away, and cut off when it goes away. */
  readonly Client: typeof pg.Client;
  /** Begins to watch, and tells the operator once of each outage and of its end. */
  start(logger: Logger): void;
  stop(): void;
}

/** The failure of a connection that is not even tried. Drivers take it for the operating system's own. */
class DatabaseAwayError extends Error {
  readonly code = "ECONNREFUSED";
  readonly syscall = "connect";
  readonly errno = -111;

  constructor() {
    super("PostgreSQL does not answer");
    this.name = "DatabaseAwayError";
  }
}

/**
 * Makes the watch of a database. A PostgreSQL that is down refuses by itself; one that is frozen, or
 * behind a network that swallows everything, would let everybody wait: whoever needs it is then told so.
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
      // The pool listens while a connection is idle, and whoever has it while they have it. One that is cut off
      // in the moment between is not to end the process: what is asked over it next fails.
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

  const goneAway = (logger: Logger, error: unknown): void => {
    if (isAway || stopping.signal.aborted) return;
    isAway = true;
    outages += 1;
    const reason = error instanceof Error ? error.message : String(error);
    logger.warn({ reason }, "PostgreSQL does not answer; what needs it is refused until it does");
    for (const client of clients) cutOff(client);
    clients.clear();
  };
  const isBack = (logger: Logger): void => {
    if (!isAway) return;
    isAway = false;
    logger.info("PostgreSQL answers again");
  };

  /** Watches over one connection for as long as that lasts. @returns whether it has been of use */
  const watchOver = async (logger: Logger): Promise<boolean> => {
    const client = new pg.Client({ ...options, connectionTimeoutMillis: ANSWER_LIMIT_MS });
    const ended = new AbortController();
    const signal = AbortSignal.any([ended.signal, stopping.signal]);
    client.on("error", () => undefined);
    client.once("end", () => {
      ended.abort();
    });
    let wasOfUse = false;
    try {
      await client.connect();
      for (;;) {
        await inTime(client.query(SIGN_OF_LIFE), () => {
          wasOfUse = false;
        });
        wasOfUse = true;
        isBack(logger);
        await delay(ASK_EVERY_MS, undefined, { signal });
      }
    } catch (error) {
      // A connection that was ended says nothing yet of the next one.
      const isThere = wasOfUse || SAID_BY_THE_LIVING.test(sqlStateOf(error) ?? "");
      if (!isThere) goneAway(logger, error);
      return wasOfUse;
    } finally {
      cutOff(client);
    }
  };

  const watch = async (logger: Logger): Promise<void> => {
    const { signal } = stopping;
    while (!signal.aborted) {
      const wasOfUse = await watchOver(logger);
      if (!wasOfUse) await delay(TRY_EVERY_MS, undefined, { signal }).catch(() => undefined);
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

/** @throws when the answer does not come in time, after `late` */
async function inTime(answer: Promise<unknown>, late: () => void): Promise<void> {
  const answered = new AbortController();
  const limit = async (): Promise<never> => {
    await delay(ANSWER_LIMIT_MS, undefined, { signal: answered.signal });
    // If it was this process that was held up, the answer lies there and is read first.
    await turn();
    await turn();
    late();
    throw new Error(`no answer within ${String(ANSWER_LIMIT_MS)} ms`);
  };
  answer.catch(() => undefined);
  try {
    await Promise.race([answer, limit()]);
  } finally {
    answered.abort();
  }
}

/**
 * Ends a connection without a farewell, which nobody would hear. node-postgres keeps its socket in a
 * field that its types do not tell of; its version is pinned.
 */
function cutOff(client: pg.Client): void {
  (
    client as unknown as { connection: { stream: { destroy(): void } } }
  ).connection.stream.destroy();
}
