import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { findBinaries } from "../../server/infra/database/embedded/binaries.ts";
import {
  APP_ROLE,
  createCluster,
  keptPassword,
  type Cluster,
} from "../../server/infra/database/embedded/cluster.ts";
import { placeCluster } from "../../server/infra/database/embedded/placement.ts";
import {
  hasEnded,
  startPostmaster,
  stopPostmaster,
  type Postmaster,
} from "../../server/infra/database/embedded/postmaster.ts";

const END_LIMIT_MS = 10_000;
const silent = (): void => undefined;

/** How PostgreSQL is ended: gracefully, immediately (it recovers at the next start), or by a kill. */
export type PostgresEnd = "SIGINT" | "SIGQUIT" | "SIGKILL";

/** A real PostgreSQL for faults. It stays down until it is started. */
export class RoughPostgres {
  readonly #cluster: Cluster;
  readonly #password: string;
  #postmaster: Postmaster | undefined;
  #port: number | undefined;
  #paused: number[] = [];

  private constructor(cluster: Cluster, password: string) {
    this.#cluster = cluster;
    this.#password = password;
  }

  /** Creates one in a new folder and starts it. */
  static async make(folder: string): Promise<RoughPostgres> {
    const cluster = await placeCluster(join(folder, "postgres"), await findBinaries(), silent);
    const { password } = await keptPassword(cluster.home);
    await createCluster(cluster, password);
    const postgres = new RoughPostgres(cluster, password);
    await postgres.start();
    return postgres;
  }

  /** The connection URL, constant over all restarts. */
  get url(): string {
    return `postgresql://${APP_ROLE}:${this.#password}@127.0.0.1:${this.#port ?? 0}/${APP_ROLE}`;
  }

  /** Starts it on its previous port, and waits until it accepts connections. */
  async start(): Promise<void> {
    const postmaster = await startPostmaster(this.#cluster, this.#port, silent);
    if (postmaster === undefined) throw new Error("another process started this PostgreSQL");
    this.#postmaster = postmaster;
    this.#port = postmaster.port;
  }

  /** Sends a signal to PostgreSQL and waits for its end. */
  async end(signal: PostgresEnd): Promise<void> {
    const { pid } = this.#running;
    process.kill(pid, signal);
    // A fast shutdown disconnects remaining clients.
    if (!(await hasEnded(this.#cluster.dataDir, pid, END_LIMIT_MS)))
      await stopPostmaster(this.#cluster, pid);
    this.#postmaster = undefined;
  }

  /** Freezes all its processes: connections stay open and nothing responds. */
  async pause(): Promise<void> {
    const { pid } = this.#running;
    // The postmaster first, so that it starts no further processes.
    process.kill(pid, "SIGSTOP");
    this.#paused = [pid];
    for (const child of await childrenOf(pid)) {
      if (send(child, "SIGSTOP")) this.#paused.push(child);
    }
  }

  resume(): void {
    for (const pid of this.#paused.splice(0).toReversed()) send(pid, "SIGCONT");
  }

  /** Ends all client connections except its own. @returns their number */
  async hangUp(): Promise<number> {
    // PostgreSQL's own workers, such as autovacuum, are excluded.
    const rows = await this.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()`,
    );
    return rows.length;
  }

  /** Runs one statement on a new connection, bypassing the servers. */
  async query<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Ends it permanently, in any state. */
  async stop(): Promise<void> {
    this.resume();
    if (this.#postmaster !== undefined) await stopPostmaster(this.#cluster, this.#postmaster.pid);
    this.#postmaster = undefined;
  }

  /** Like `stop` without waiting, for a process that is about to exit. */
  stopNow(): void {
    this.resume();
    if (this.#postmaster !== undefined) send(this.#postmaster.pid, "SIGQUIT");
  }

  get #running(): Postmaster {
    if (this.#postmaster === undefined) throw new Error("PostgreSQL does not run");
    return this.#postmaster;
  }
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // The process has ended meanwhile.
    return false;
  }
}

async function childrenOf(parent: number): Promise<number[]> {
  if (process.platform !== "linux") {
    const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid="]);
    return stdout.split("\n").flatMap((line) => {
      const [pid, of] = line.trim().split(/\s+/).map(Number);
      return pid !== undefined && of === parent ? [pid] : [];
    });
  }
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const children = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      // After the name in parentheses: the state, then the parent.
      const [, of] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(of) === parent ? [Number(pid)] : [];
    }),
  );
  return children.flat();
}
