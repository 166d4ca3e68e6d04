import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { StartupError } from "../../../kernel/startup-error.ts";
import { probe } from "./admin-connection.ts";
import { findBinaries } from "./binaries.ts";
import type { Cluster } from "./cluster.ts";
import {
  APP_ROLE,
  createCluster,
  inspectDataFolder,
  keptPassword,
  resetPassword,
} from "./cluster.ts";
import { boundLog } from "./log-file.ts";
import type { Ownership } from "./ownership.ts";
import { takeOwnership } from "./ownership.ts";
import { findRunning } from "./pid-file.ts";
import { placeCluster } from "./placement.ts";
import type { Postmaster } from "./postmaster.ts";
import { hasEnded, logFileOf, startPostmaster, stopPostmaster } from "./postmaster.ts";
import { explainDiskError } from "./system.ts";

export interface EmbeddedPostgresOptions {
  /** PostgreSQL's data folder; created if missing. Password and log are stored beside it. */
  dataDir: string;
  /** Receives one line for each slow or unusual step. */
  log: (line: string) => void;
  /** Aborts the start and stops what was started. */
  signal?: AbortSignal;
  /** Whether a commit survives a power cut; true by default. Only tests switch it off. */
  isDurable?: boolean;
}

/** A running PostgreSQL that only this process uses. */
export interface EmbeddedPostgres {
  /** `postgresql://…` of the application's database, on this machine only. */
  readonly url: string;
  /** Whether it was left running by a process that crashed. */
  readonly adopted: boolean;
  /** Ends all connections, stops PostgreSQL and waits for its end: within 5 s unless it hangs. */
  stop(): Promise<void>;
}

const PROBE_TIMEOUT_MS = 3_000;
const MAX_FAILED_PROBES = 2;
const STOPPING_MS = 10_000;
const START_LIMIT_MS = 300_000;
const RETRY_MS = 20;
const RESTART_INTERVAL_MS = 1_000;

/**
 * Starts PostgreSQL on a data folder, or adopts the one that still runs on it after a crash of this
 * server.
 *
 * @throws StartupError if another Parley uses the folder, the folder is unusable, or PostgreSQL does not
 *   start
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const wanted = resolve(options.dataDir);
  const { log, signal, isDurable = true } = options;
  try {
    const cluster = { ...(await placeCluster(wanted, await findBinaries(), log)), isDurable };
    const session = new Session(cluster, wanted, log);
    await session.begin(signal);
    return session;
  } catch (error) {
    signal?.throwIfAborted();
    throw explainDiskError(error, `use the database folder ${wanted}`);
  }
}

/** The time from start to stop. A PostgreSQL that dies meanwhile is restarted. */
class Session implements EmbeddedPostgres {
  adopted = false;
  readonly #cluster: Cluster;
  readonly #folder: string;
  readonly #log: (line: string) => void;
  readonly #ending = new AbortController();
  #password = "";
  #postmaster: Postmaster = { pid: 0, port: 0 };
  #ownership: Ownership | undefined;
  #watching: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;
  #unboundLog: () => void = () => undefined;

  constructor(cluster: Cluster, folder: string, log: (line: string) => void) {
    this.#cluster = cluster;
    this.#folder = folder;
    this.#log = log;
  }

  get url(): string {
    return `postgresql://${APP_ROLE}:${this.#password}@127.0.0.1:${this.#postmaster.port}/${APP_ROLE}`;
  }

  async begin(signal: AbortSignal | undefined): Promise<void> {
    await this.#prepare(signal);
    const up = await this.#bringUp(undefined, signal);
    this.adopted = up.adopted;
    this.#postmaster = up.postmaster;
    try {
      this.#ownership = await this.#own(signal);
    } catch (error) {
      // After an aborted start, no process needs PostgreSQL.
      if (signal?.aborted) await stopPostmaster(this.#cluster, this.#postmaster.pid);
      throw error;
    }
    this.#unboundLog = boundLog(logFileOf(this.#cluster));
    this.#watching = this.#watch(this.#ownership);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#ending.abort();
    this.#unboundLog();
    await this.#watching;
    // Ownership is held to the end, so that no other process adopts a stopping server.
    await stopPostmaster(this.#cluster, this.#postmaster.pid);
    await this.#ownership?.release();
  }

  /** Ensures that the database exists and its password is known. */
  async #prepare(signal: AbortSignal | undefined): Promise<void> {
    const { dataDir, home, binaries } = this.#cluster;
    const state = await inspectDataFolder(dataDir, binaries);
    const { password, isNew } = await keptPassword(home);
    this.#password = password;
    if (state === "absent") {
      this.#log("Preparing a new database");
      await createCluster(this.#cluster, password, signal);
    } else if (isNew) {
      await this.#changePassword();
    }
  }

  /** The password file was lost: the owner of the folder may set a new password. */
  async #changePassword(): Promise<void> {
    const running = await findRunning(this.#cluster.dataDir);
    if (running) await stopPostmaster(this.#cluster, running.pid);
    await resetPassword(this.#cluster, this.#password);
  }

  /** Finds the PostgreSQL that runs on the folder, or starts one. */
  async #bringUp(
    port: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ postmaster: Postmaster; adopted: boolean }> {
    const { dataDir } = this.#cluster;
    const giveUp = Date.now() + START_LIMIT_MS;
    let failedProbes = 0;
    for (let first = true; Date.now() < giveUp; first = false) {
      if (!first) await delay(RETRY_MS);
      signal?.throwIfAborted();
      const running = await findRunning(dataDir);
      if (!running) {
        const postmaster = await startPostmaster(this.#cluster, port, this.#log, signal);
        if (postmaster) return { postmaster, adopted: false };
        continue;
      }
      if (running.status === "stopping") {
        if (!(await hasEnded(dataDir, running.pid, STOPPING_MS))) {
          await stopPostmaster(this.#cluster, running.pid);
        }
        continue;
      }
      if (running.status !== "ready" || running.port === undefined) continue;
      const result = await probe(running.port, this.#password, dataDir, PROBE_TIMEOUT_MS);
      if (result === "ours" || result === "busy") {
        return { postmaster: { pid: running.pid, port: running.port }, adopted: true };
      }
      if (result === "wrong-password") await this.#changePassword();
      if (result === "none") failedProbes += 1;
      if (failedProbes >= MAX_FAILED_PROBES) {
        this.#log("The PostgreSQL of an earlier start does not respond; starting a new one");
        await stopPostmaster(this.#cluster, running.pid);
      }
    }
    throw new StartupError(
      `PostgreSQL on ${dataDir} was not ready after ${START_LIMIT_MS / 1000} s`,
      `See ${logFileOf(this.#cluster)} for the cause, and start again`,
    );
  }

  #own(signal: AbortSignal | undefined): Promise<Ownership> {
    return takeOwnership(this.#postmaster.port, this.#password, this.#folder, signal);
  }

  /** Restarts PostgreSQL on the same port if it dies while the server runs. */
  async #watch(first: Ownership): Promise<void> {
    const { signal } = this.#ending;
    const ending = new Promise<void>((done) => {
      signal.addEventListener(
        "abort",
        () => {
          done();
        },
        { once: true },
      );
    });
    for (let ownership: Ownership | undefined = first; ;) {
      if (ownership) {
        await Promise.race([ownership.lost, ending]);
        if (signal.aborted) return;
        await ownership.release();
        this.#log("PostgreSQL has gone away; bringing it back");
      }
      try {
        this.#postmaster = (await this.#bringUp(this.#postmaster.port, signal)).postmaster;
        ownership = this.#ownership = await this.#own(signal);
        this.#log("PostgreSQL is running again");
      } catch (error) {
        if (signal.aborted) return;
        ownership = undefined;
        this.#log(
          `PostgreSQL could not be restarted: ${error instanceof Error ? error.message : String(error)}`,
        );
        await delay(RESTART_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
      }
    }
  }
}
