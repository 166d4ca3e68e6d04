import { setTimeout as delay } from "node:timers/promises";

import type pg from "pg";

import { StartupError } from "../../../kernel/startup-error.ts";
import { adminClient } from "./admin-connection.ts";
import { isAlive } from "./system.ts";

/** An arbitrary number that all Parley processes share: "parley" in ASCII, shortened. */
const OWNER_LOCK = 0x7061_726c;
/** PostgreSQL may notice the death of a killed owner late. */
const DEAD_OWNER_TIMEOUT_MS = 10_000;
/** The owner may be shutting down: `npm` ends before its child process. */
const LIVE_OWNER_TIMEOUT_MS = 2_500;
const RETRY_MS = 50;
const CONNECT_MS = 5_000;

/** The exclusive right to use a data folder. It ends with its process. */
export interface Ownership {
  /** Resolves when the connection that holds the lock breaks without a release. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes ownership of a data folder: a session lock on a dedicated connection.
 *
 * @param port of the PostgreSQL on the folder
 * @param password of its superuser
 * @param folder as the operator knows it, for the error
 * @throws StartupError if another process owns it
 */
export async function takeOwnership(
  port: number,
  password: string,
  folder: string,
  signal?: AbortSignal,
): Promise<Ownership> {
  const client = adminClient(port, password, CONNECT_MS);
  let released = false;
  const lost = new Promise<void>((resolve) => {
    client.on("error", () => resolve());
    client.on("end", () => {
      if (!released) resolve();
    });
  });
  const release = async (): Promise<void> => {
    released = true;
    await client.end().catch(() => undefined);
  };
  try {
    await client.connect();
    const started = Date.now();
    for (;;) {
      signal?.throwIfAborted();
      const { rows } = await client.query<{ taken: boolean }>(
        "SELECT pg_try_advisory_lock($1) AS taken",
        [OWNER_LOCK],
      );
      if (rows[0]?.taken) return { lost, release };
      const holder = await holderOf(client);
      const patience =
        holder !== undefined && (await isAlive(holder))
          ? LIVE_OWNER_TIMEOUT_MS
          : DEAD_OWNER_TIMEOUT_MS;
      if (Date.now() - started > patience) {
        throw new StartupError(
          `Another Parley${holder === undefined ? "" : ` (process ${holder})`} uses the data in ${folder}`,
          "Stop it, or set PARLEY_DATA to another folder; several instances on one database: npm start -- --instances 2",
        );
      }
      await delay(RETRY_MS);
    }
  } catch (error) {
    await release();
    throw error;
  }
}

/** Finds the process that holds the lock by its connection's application name. */
async function holderOf(client: pg.Client): Promise<number | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT application_name AS name FROM pg_stat_activity
      WHERE pid = (SELECT pid FROM pg_locks
                    WHERE locktype = 'advisory' AND granted AND objid = $1 AND classid = 0 LIMIT 1)`,
    [OWNER_LOCK],
  );
  const pid = /^parley-owner (\d+)$/.exec(rows[0]?.name ?? "")?.[1];
  return pid === undefined ? undefined : Number(pid);
}
