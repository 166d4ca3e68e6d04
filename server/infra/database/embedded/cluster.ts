import { randomBytes } from "node:crypto";
import {
  chmod,
  chown,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { StartupError } from "../../../kernel/startup-error.ts";
import type { PostgresBinaries } from "./binaries.ts";
import { findFailure } from "./log-file.ts";
import type { OsUser } from "./system.ts";
import { errorCode, isAlive, run } from "./system.ts";

/** A data folder and everything needed to run PostgreSQL on it. */
export interface Cluster {
  /** PostgreSQL's data folder. */
  readonly dataDir: string;
  /** The parent folder, with the password and the log. */
  readonly home: string;
  readonly binaries: PostgresBinaries;
  /** The user that runs PostgreSQL; undefined for the current user. */
  readonly user: OsUser | undefined;
  /** Whether a commit survives a power cut; true by default. */
  readonly isDurable?: boolean;
}

/** The database's superuser: only for startup, ownership and repair. */
export const ADMIN_ROLE = "parley_admin";
/** Role and database of the application. */
export const APP_ROLE = "parley";

/** Drafts that this process is creating, which must not be mistaken for leftovers of a dead process. */
const draftsInProgress = new Set<string>();

/** The content of a data folder. */
export type DataFolderState = "absent" | "cluster";

/**
 * Inspects a data folder without changing it.
 *
 * @param dataDir the folder
 * @param binaries the programs that would run on it
 * @returns "absent" if it is empty or missing
 * @throws StartupError if it contains something that these programs cannot use
 */
export async function inspectDataFolder(
  dataDir: string,
  binaries: Pick<PostgresBinaries, "version">,
): Promise<DataFolderState> {
  let entries: string[];
  try {
    entries = await readdir(dataDir);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "absent";
    throw error;
  }
  if (entries.length === 0) return "absent";
  const startEmpty = "or move that folder away to start with an empty database";
  if (!entries.includes("PG_VERSION") || !entries.includes("global")) {
    throw new StartupError(
      `The folder ${dataDir} is not a complete PostgreSQL database`,
      `Restore it from a backup, set PARLEY_DATA to another folder, ${startEmpty}`,
    );
  }
  const found = (await readFile(join(dataDir, "PG_VERSION"), "utf8")).trim();
  const wanted = binaries.version.split(".")[0] ?? "";
  if (found !== wanted) {
    throw new StartupError(
      `The database in ${dataDir} is from PostgreSQL ${found || "of an unknown version"}, but this Parley includes version ${wanted}`,
      `Start the Parley version that created it and move the data with pg_dump, set PARLEY_DATA to another folder, ${startEmpty}`,
    );
  }
  return "cluster";
}

/**
 * Creates a database cluster with the application's role and database. It is built in a temporary folder
 * and renamed when complete, so an interrupted attempt is never mistaken for a database.
 *
 * @param cluster its `dataDir` must be absent or empty
 * @param password of both roles
 * @throws StartupError if initdb fails
 */
export async function createCluster(
  cluster: Cluster,
  password: string,
  signal?: AbortSignal,
): Promise<void> {
  const { dataDir, user, binaries } = cluster;
  await removeInterrupted(dataDir);
  const draft = `${dataDir}.init-${process.pid}-${randomBytes(4).toString("hex")}`;
  const passwordFile = `${draft}.password`;
  draftsInProgress.add(basename(draft)).add(basename(passwordFile));
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (user) {
      await chown(draft, user.uid, user.gid);
      await chown(passwordFile, user.uid, user.gid);
    }
    const made = await run(
      binaries.initdb,
      [
        `--pgdata=${draft}`,
        `--username=${ADMIN_ROLE}`,
        `--pwfile=${passwordFile}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        // The built-in provider sorts by code point and knows upper and lower case of every script,
        // identically on every machine. Indexes thus never depend on system libraries.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-instructions",
      ],
      { user, signal },
    );
    signal?.throwIfAborted();
    if (made.code !== 0) {
      throw new StartupError(
        `Cannot create a database in ${dataDir}: ${findFailure(made.stderr) ?? `initdb ended with code ${made.code}`}`,
        remedyFor(made.stderr),
      );
    }
    await runSingle({ ...cluster, dataDir: draft }, [
      `CREATE ROLE ${APP_ROLE} LOGIN CREATEDB PASSWORD '${password}';`,
      `CREATE DATABASE ${APP_ROLE} OWNER ${APP_ROLE};`,
    ]);
    await moveIntoPlace(draft, dataDir);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
    draftsInProgress.delete(basename(draft));
    draftsInProgress.delete(basename(passwordFile));
  }
}

/** Sets the password of both roles of a stopped cluster. */
export async function resetPassword(cluster: Cluster, password: string): Promise<void> {
  await runSingle(cluster, [
    `ALTER ROLE ${ADMIN_ROLE} PASSWORD '${password}';`,
    `ALTER ROLE ${APP_ROLE} PASSWORD '${password}';`,
  ]);
}

/**
 * Reads or creates the password file beside the data folder; only its owner can read it.
 *
 * @returns the password and whether it is new
 */
export async function keptPassword(home: string): Promise<{ password: string; isNew: boolean }> {
  const file = join(home, "postgres.password");
  const fresh = randomBytes(24).toString("hex");
  try {
    // If two processes start together, one creates the file and the other reads it.
    await writeFile(file, fresh, { mode: 0o600, flag: "wx", flush: true });
    return { password: fresh, isNew: true };
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
  const kept = (await readFile(file, "utf8")).trim();
  if (/^[0-9a-f]{48}$/.test(kept)) return { password: kept, isNew: false };
  // A crash during an earlier write left an invalid file.
  await writeFile(file, fresh, { mode: 0o600, flush: true });
  await chmod(file, 0o600);
  return { password: fresh, isNew: true };
}

/** Runs SQL, one statement per line, on a stopped cluster. */
async function runSingle(cluster: Cluster, statements: readonly string[]): Promise<void> {
  const result = await run(
    cluster.binaries.postgres,
    ["--single", "-D", cluster.dataDir, "postgres"],
    { user: cluster.user, input: `${statements.join("\n")}\n` },
  );
  if (result.code === 0 && !/^.*(ERROR|FATAL|PANIC):/m.test(result.stderr)) return;
  throw new StartupError(
    `Cannot prepare the database in ${cluster.dataDir}: ${findFailure(result.stderr) ?? `code ${result.code}`}`,
    remedyFor(result.stderr),
  );
}

async function moveIntoPlace(draft: string, dataDir: string): Promise<void> {
  try {
    await rename(draft, dataDir);
  } catch (error) {
    // Another Parley was faster; its database is equivalent.
    if (["ENOTEMPTY", "EEXIST", "EPERM"].includes(errorCode(error) ?? "")) {
      if ((await readdir(dataDir)).includes("PG_VERSION")) return;
    }
    throw error;
  }
  if (process.platform === "win32") return;
  const parent = await open(dirname(dataDir), "r");
  await parent.sync().finally(() => parent.close());
}

/** Removes leftovers of dead processes. */
async function removeInterrupted(dataDir: string): Promise<void> {
  const prefix = `${basename(dataDir)}.init-`;
  for (const entry of await readdir(dirname(dataDir))) {
    if (!entry.startsWith(prefix) || draftsInProgress.has(entry)) continue;
    const pid = Number.parseInt(entry.slice(prefix.length), 10);
    if (pid !== process.pid && (await isAlive(pid))) continue;
    await rm(join(dirname(dataDir), entry), { recursive: true, force: true });
  }
}

/** Returns a remedy for an error of PostgreSQL's programs. */
export function remedyFor(output: string): string {
  if (/No space left|disk quota/i.test(output)) {
    return "The disk is full: free some space, then start again";
  }
  if (/Permission denied|Read-only file system/i.test(output)) {
    return "Make the folder writable for the user who starts Parley, or set PARLEY_DATA to another one";
  }
  if (/shared memory|semaphore/i.test(output)) {
    return "Give the machine or container more shared memory, or set DATABASE_URL to a PostgreSQL elsewhere";
  }
  if (/checkpoint record|pg_control|invalid (page|record)|could not locate/i.test(output)) {
    return "The database is damaged: restore it from a backup, or move the folder away to start empty";
  }
  if (/cannot open shared object|GLIBC|not found/i.test(output)) {
    return "This system lacks a library that the packaged PostgreSQL needs: set DATABASE_URL to your own PostgreSQL";
  }
  return "Set PARLEY_DATA to another folder, or DATABASE_URL to your own PostgreSQL";
}
