import { readFileSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../../server/infra/database/embedded/embedded-postgres.ts";

const PREFIX = "parley-test-";
const OWNER = "owner.pid";

/** The PostgreSQL of one test run. */
export interface Cluster {
  url: string;
  /** The folder of this run, removed with its content. */
  folder: string;
  /** Stops it and removes its data. Idempotent. */
  stop(): Promise<void>;
}

/** Starts a PostgreSQL in a temporary folder that ends with this process, however it ends. */
export async function startCluster(): Promise<Cluster> {
  await removeLeftovers();
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  // Root runs PostgreSQL as another user, who must reach the data below.
  await chmod(folder, 0o755);
  await writeFile(join(folder, OWNER), String(process.pid));
  const postgres = await open(folder);
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    for (const signal of SIGNALS) process.off(signal, interrupted);
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  // Vitest does not tear down after Ctrl+C: the process exits within a millisecond.
  const interrupted = (): void => {
    const postmaster = postmasterIn(folder);
    if (postmaster !== undefined) process.kill(postmaster, "SIGINT");
    process.exit(130);
  };
  for (const signal of SIGNALS) process.once(signal, interrupted);
  return { url: postgres.url, folder, stop: () => (stopped ??= stop()) };
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Starts the PostgreSQL of a folder, without waiting for the disk: no test kills this one or cuts its power.
 * Tests that do use a PostgreSQL of their own, with its real settings.
 */
function open(folder: string): ReturnType<typeof startEmbeddedPostgres> {
  return startEmbeddedPostgres({
    dataDir: join(folder, "postgres"),
    log: () => undefined,
    isDurable: false,
  });
}

/** Stops and removes leftovers of killed test runs. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(tmpdir(), name);
    const owner = Number(await readFile(join(folder, OWNER), "utf8").catch(() => ""));
    if (owner === 0 || isAlive(owner)) continue;
    if (postmasterIn(folder) !== undefined) {
      // Adopted, so that it can be stopped.
      const postgres = await open(folder).catch(() => undefined);
      await postgres?.stop();
    }
    // Another run may be removing it at the same time.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Returns the process id that PostgreSQL recorded in its data folder. */
function postmasterIn(folder: string): number | undefined {
  try {
    const pid = Number(
      readFileSync(join(folder, "postgres/postmaster.pid"), "utf8").split("\n")[0],
    );
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
