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
import { failureIn } from "./log-file.ts";
import type { OsUser } from "./system.ts";
import { errorCode, isAlive, run } from "./system.ts";

/** A data folder, and what is needed to run PostgreSQL on it. */
export interface Cluster {
  /** PostgreSQL's data folder. */
  readonly dataDir: string;
  /** The folder around it, with the password and the log. */
  readonly home: string;
  readonly binaries: PostgresBinaries;
  /** Whom PostgreSQL runs as; undefined is whoever runs this process. */
  readonly user: OsUser | undefined;
}

/** The database's superuser: only for starting, ownership and repair. */
export const ADMIN_ROLE = "parley_admin";
/** Role and database of the application. */
export const APP_ROLE = "parley";

/** Drafts that this process is making: not to be taken for what a dead process has left. */
const draftsInProgress = new Set<string>();

/** What a data folder holds. */
export type DataFolderState = "absent" | "cluster";

/**
 * Looks at a data folder without changing it.
 *
 * @param dataDir the folder
 * @param binaries the programs that would run on it
 * @returns "absent" when there is nothing in it
 * @throws StartupError when it holds something that these programs cannot run on
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
      `The database in ${dataDir} is of PostgreSQL ${found || "of no known version"}, and this Parley brings version ${wanted}`,
      `Start the Parley that made it and move the data with pg_dump, set PARLEY_DATA to another folder, ${startEmpty}`,
    );
  }
  return "cluster";
}

/**
 * Makes a new database cluster, with the application's role and database in it. It is made in a
 * folder beside the wanted one and renamed when it is complete, so that an interrupted attempt is
 * never taken for a database.
 *
 * @param cluster where; its `dataDir` must be absent or empty
 * @param password of both roles
 * @throws StartupError when initdb fails
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
        // The built-in provider sorts by code point and knows upper and lower case of every
        // script, the same on every machine: an index never depends on the system's libraries.
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
        `Cannot make a database in ${dataDir}: ${failureIn(made.stderr) ?? `initdb ended with code ${made.code}`}`,
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

/** Sets the password of both roles of a cluster that does not run. */
export async function resetPassword(cluster: Cluster, password: string): Promise<void> {
  await runSingle(cluster, [
    `ALTER ROLE ${ADMIN_ROLE} PASSWORD '${password}';`,
    `ALTER ROLE ${APP_ROLE} PASSWORD '${password}';`,
  ]);
}

/**
 * The password that is kept beside the data folder, readable only by its owner.
 *
 * @returns the password and whether it has just been made
 */
export async function keptPassword(home: string): Promise<{ password: string; isNew: boolean }> {
  const file = join(home, "postgres.password");
  const fresh = randomBytes(24).toString("hex");
  try {
    // Of two that start at the same time, one makes the file and the other reads it.
    await writeFile(file, fresh, { mode: 0o600, flag: "wx", flush: true });
    return { password: fresh, isNew: true };
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
  const kept = (await readFile(file, "utf8")).trim();
  if (/^[0-9a-f]{48}$/.test(kept)) return { password: kept, isNew: false };
  // A crash in the middle of writing it left something else.
  await writeFile(file, fresh, { mode: 0o600, flush: true });
  await chmod(file, 0o600);
  return { password: fresh, isNew: true };
}

/** Runs SQL, one statement a line, on a cluster that nobody runs. */
async function runSingle(cluster: Cluster, statements: readonly string[]): Promise<void> {
  const result = await run(
    cluster.binaries.postgres,
    ["--single", "-D", cluster.dataDir, "postgres"],
    { user: cluster.user, input: `${statements.join("\n")}\n` },
  );
  if (result.code === 0 && !/^.*(ERROR|FATAL|PANIC):/m.test(result.stderr)) return;
  throw new StartupError(
    `Cannot prepare the database in ${cluster.dataDir}: ${failureIn(result.stderr) ?? `code ${result.code}`}`,
    remedyFor(result.stderr),
  );
}

async function moveIntoPlace(draft: string, dataDir: string): Promise<void> {
  try {
    await rename(draft, dataDir);
  } catch (error) {
    // Another Parley was faster: its database is as good as this one.
    if (["ENOTEMPTY", "EEXIST", "EPERM"].includes(errorCode(error) ?? "")) {
      if ((await readdir(dataDir)).includes("PG_VERSION")) return;
    }
    throw error;
  }
  if (process.platform === "win32") return;
  const parent = await open(dirname(dataDir), "r");
  await parent.sync().finally(() => parent.close());
}

/** Removes what attempts of processes that are gone have left. */
async function removeInterrupted(dataDir: string): Promise<void> {
  const prefix = `${basename(dataDir)}.init-`;
  for (const entry of await readdir(dirname(dataDir))) {
    if (!entry.startsWith(prefix) || draftsInProgress.has(entry)) continue;
    const pid = Number.parseInt(entry.slice(prefix.length), 10);
    if (pid !== process.pid && (await isAlive(pid))) continue;
    await rm(join(dirname(dataDir), entry), { recursive: true, force: true });
  }
}

/** What to do about what PostgreSQL's programs said. */
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
    return "This system lacks what the packaged PostgreSQL needs: set DATABASE_URL to a PostgreSQL of your own";
  }
  return "Set PARLEY_DATA to another folder, or DATABASE_URL to a PostgreSQL of your own";
}
