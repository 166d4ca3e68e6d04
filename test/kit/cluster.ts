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
  /** Of this run: removed with all that is in it. */
  folder: string;
  /** Stops it and removes its data; may be called again. */
  stop(): Promise<void>;
}

/** Starts a PostgreSQL on a temporary folder that ends with this process, whatever ends it. */
export async function startCluster(): Promise<Cluster> {
  await removeLeftovers();
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  // Root runs PostgreSQL as another user, who must get to the data below.
  await chmod(folder, 0o755);
  await writeFile(join(folder, OWNER), String(process.pid));
  const postgres = await open(folder);
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    for (const signal of SIGNALS) process.off(signal, interrupted);
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  // Vitest does not tear down when somebody presses Ctrl+C: it is gone within a millisecond.
  const interrupted = (): void => {
    const postmaster = postmasterIn(folder);
    if (postmaster !== undefined) process.kill(postmaster, "SIGINT");
    process.exit(130);
  };
  for (const signal of SIGNALS) process.once(signal, interrupted);
  return { url: postgres.url, folder, stop: () => (stopped ??= stop()) };
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function open(folder: string): ReturnType<typeof startEmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDir: join(folder, "postgres"), log: () => undefined });
}

/** Stops and removes what test runs have left that were killed. */
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
    // Another run may be removing it at this moment.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** The process id that PostgreSQL has noted in its data folder. */
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
