import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { startEmbeddedPostgres } from "../../server/infra/database/embedded/embedded-postgres.ts";
import { Child } from "../kit/child.ts";
import { onRelease } from "../kit/resources.ts";

/** A data folder of one test. A PostgreSQL that still runs on it at the end is stopped. */
export interface DataFolder {
  /** The value of `dataDir`. */
  readonly dataDir: string;
  /** Its parent folder. */
  readonly home: string;
  /** The lines that `start` logged. */
  readonly logged: string[];
  start(signal?: AbortSignal): ReturnType<typeof startEmbeddedPostgres>;
  /** Starts it in another process; resolves when that process owns the folder. */
  startElsewhere(): Promise<{ process: Child; url: string }>;
  /** Process id of PostgreSQL. */
  postmaster(): Promise<number>;
}

let template: Promise<string> | undefined;

/** Returns a folder with an unused database: copying it is faster than creating one. */
function templateFolder(): Promise<string> {
  template ??= (async () => {
    const { start, home } = await makeEmptyFolder();
    await (await start()).stop();
    return home;
  })();
  return template;
}

/** Creates a data folder with a stopped database. */
export async function makeDataFolder(): Promise<DataFolder> {
  const [source, folder] = await Promise.all([templateFolder(), makeEmptyFolder()]);
  // `cp -a` keeps the owners of the files, which PostgreSQL checks.
  await promisify(execFile)("cp", ["-a", `${source}/.`, folder.home]);
  return folder;
}

/**
 * Returns a data folder that does not exist yet.
 *
 * @param mode of its parent: 0o711 admits PostgreSQL's user if root runs the tests
 */
export async function makeEmptyFolder(mode = 0o711): Promise<DataFolder> {
  const home = await realpath(await mkdtemp(join(tmpdir(), "parley-embedded-")));
  await chmod(home, mode);
  const dataDir = join(home, "postgres");
  const logged: string[] = [];
  const log = (line: string): void => void logged.push(line);
  const postmaster = async (): Promise<number> =>
    Number((await readFile(join(dataDir, "postmaster.pid"), "utf8")).split("\n")[0]);
  const children: Child[] = [];
  onRelease(async () => {
    await Promise.all(children.map((child) => child.end("SIGKILL")));
    const pid = await postmaster().catch(() => undefined);
    if (pid !== undefined) {
      const last = await startEmbeddedPostgres({ dataDir, log });
      await last.stop();
    }
    await rm(home, { recursive: true, force: true });
  });
  return {
    dataDir,
    home,
    logged,
    start: (signal) => startEmbeddedPostgres({ dataDir, log, ...(signal ? { signal } : {}) }),
    startElsewhere: async () => {
      const child = new Child(
        process.execPath,
        ["--import", "tsx", join(import.meta.dirname, "owner.ts"), dataDir],
        { name: "owner" },
      );
      children.push(child);
      const [, url = ""] = await child.line(/^owns (.*)$/, 30_000);
      return { process: child, url };
    },
    postmaster,
  };
}

/** Runs one statement on a new connection. */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Creates a table with one committed row. */
export async function remember(url: string, text: string): Promise<void> {
  await query(url, "CREATE TABLE IF NOT EXISTS kept (text text)");
  await query(url, `INSERT INTO kept VALUES ('${text}')`);
}

/** Returns the rows that `remember` committed. */
export async function remembered(url: string): Promise<string[]> {
  const rows = await query<{ text: string }>(url, "SELECT text FROM kept ORDER BY text");
  return rows.map(({ text }) => text);
}
