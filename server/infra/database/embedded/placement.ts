import { createHash } from "node:crypto";
import {
  chmod,
  cp,
  lstat,
  mkdir,
  readlink,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
} from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { StartupError } from "../../../kernel/startup-error.ts";
import type { PostgresBinaries } from "./binaries.ts";
import { binariesIn } from "./binaries.ts";
import type { Cluster } from "./cluster.ts";
import { databaseUser, isRoot, userWithId } from "./os-user.ts";
import { stopRunning } from "./postmaster.ts";
import type { OsUser } from "./system.ts";
import { errorCode, run } from "./system.ts";

/** Folder for data and programs that PostgreSQL's user cannot reach in their original place. */
const SHARED_HOME = "/var/lib/parley";

/**
 * Decides where data and programs are stored and which user runs PostgreSQL.
 *
 * A normal user gets the requested folder. Root cannot run PostgreSQL: an existing database runs as its
 * owner and a new one as `postgres`. If that user cannot reach the requested folder (such as a clone
 * below /root), the data goes to /var/lib/parley and a link remains at the requested path. If the user
 * cannot reach the programs, a copy goes there too.
 *
 * @param wanted the requested data folder
 * @param binaries the programs in node_modules
 * @param log called if something is stored elsewhere
 */
export async function placeCluster(
  wanted: string,
  binaries: PostgresBinaries,
  log: (line: string) => void,
): Promise<Cluster> {
  await mkdir(dirname(wanted), { recursive: true });
  let dataDir = await followLink(wanted);
  const linked = dataDir !== wanted;
  if (linked) await mkdir(dirname(dataDir), { recursive: true });
  if (!isRoot()) return { dataDir, home: dirname(dataDir), binaries, user: undefined };

  const owner = await ownerOf(dataDir);
  const user = owner ?? (await databaseUser());
  const moved: string[] = [];
  if (!(await canEnter(dirname(dataDir), user))) {
    if (owner || linked) {
      throw new StartupError(
        `PostgreSQL runs as user ${user.name}, who may not enter ${dirname(dataDir)}`,
        `Allow it (chmod o+x on ${dirname(dataDir)} and the folders above), or start Parley as the owner of its data`,
      );
    }
    dataDir = await relocate(wanted, log);
    moved.push("data");
  }
  const reachable = await reachableBinaries(binaries, user, () => moved.push("programs"));
  if (moved.length > 0) {
    log(
      `PostgreSQL runs as user ${user.name}, who may not enter this folder: its ${moved.join(" and ")} are in ${
        moved.includes("data") ? dirname(dataDir) : SHARED_HOME
      }`,
    );
  }
  return { dataDir, home: dirname(dataDir), binaries: reachable, user };
}

/** Returns the target of a symbolic link, even if it does not exist; for other paths, the path itself. */
async function followLink(path: string): Promise<string> {
  try {
    if (!(await lstat(path)).isSymbolicLink()) return path;
    return resolve(dirname(path), await readlink(path));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return path;
    throw error;
  }
}

/** Returns the owner of the database in a folder; undefined if there is none. */
async function ownerOf(dataDir: string): Promise<OsUser | undefined> {
  try {
    const { uid, gid } = await stat(join(dataDir, "PG_VERSION"));
    if (uid !== 0) return await userWithId(uid, gid);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
  // Root may have restored it from a backup, but PostgreSQL must own its files.
  const user = await databaseUser();
  await run("chown", ["-R", `${user.uid}:${user.gid}`, dataDir]);
  await chmod(dataDir, 0o700);
  return user;
}

async function canEnter(folder: string, user: OsUser): Promise<boolean> {
  const { code } = await run("/bin/sh", ["-c", 'test -x "$0"', folder], { user });
  return code === 0;
}

async function canRun(binaries: Pick<PostgresBinaries, "initdb" | "postgres">, user: OsUser) {
  const results = await Promise.all([
    run(binaries.postgres, ["--version"], { user }),
    // initdb is the program that loads the shared libraries.
    run(binaries.initdb, ["--version"], { user }),
  ]);
  return results.find((result) => result.code !== 0);
}

/** Creates the replacement of an unreachable folder in /var/lib/parley, and a link to it. */
async function relocate(wanted: string, log: (line: string) => void): Promise<string> {
  const hash = createHash("sha256").update(wanted).digest("hex").slice(0, 12);
  const home = join(SHARED_HOME, hash);
  const dataDir = join(home, basename(wanted));
  // An empty folder would block the link.
  await removeEmpty(wanted);
  await makeShared(SHARED_HOME);
  if (await exists(home)) {
    // The link was deleted. The operator may have done so by mistake, so the data is kept.
    await stopRunning(dataDir);
    const aside = `${home}.${new Date()
      .toISOString()
      .replace(/[^0-9]/g, "")
      .slice(0, 14)}`;
    await rename(home, aside);
    log(`Kept the database of an earlier ${wanted} in ${aside}`);
  }
  await makeShared(home);
  await symlink(dataDir, wanted);
  return dataDir;
}

/** Removes an empty folder to make room for a link. */
async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw new StartupError(
      `The folder ${folder} is not a complete PostgreSQL database`,
      "Move it away, or set PARLEY_DATA to another folder",
      { cause: error },
    );
  }
}

/** Returns the programs, or a copy that the user can run. */
async function reachableBinaries(
  binaries: PostgresBinaries,
  user: OsUser,
  onCopy: () => void,
): Promise<PostgresBinaries> {
  if (!(await canRun(binaries, user))) return binaries;
  const root = join(SHARED_HOME, `postgresql-${binaries.version}-${binaries.platform}`);
  const copy = { ...binaries, ...binariesIn(root) };
  if (!(await exists(root)) || (await canRun(copy, user))) {
    onCopy();
    await makeShared(SHARED_HOME);
    const draft = `${root}.copy-${process.pid}`;
    await rm(draft, { recursive: true, force: true });
    await cp(binaries.root, draft, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !source.endsWith(".a"),
    });
    await run("chmod", ["-R", "a+rX", draft]);
    await rm(root, { recursive: true, force: true });
    await rename(draft, root).catch(async (error: unknown) => {
      // Another Parley has installed its copy meanwhile.
      await rm(draft, { recursive: true, force: true });
      if (!(await exists(root))) throw error;
    });
  }
  const failure = await canRun(copy, user);
  if (!failure) return copy;
  throw new StartupError(
    `The packaged PostgreSQL does not run here: ${failure.stderr.trim().split("\n").at(-1) ?? ""}`,
    "Set DATABASE_URL to your own PostgreSQL",
  );
}

/** Creates a folder that everyone may enter, regardless of the umask. */
async function makeShared(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
