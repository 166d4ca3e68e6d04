import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { StartupError } from "../../../kernel/startup-error.ts";
import type { Cluster } from "./cluster.ts";
import { remedyFor } from "./cluster.ts";
import { findFailure, openLog, readLogFrom } from "./log-file.ts";
import { findRunning, readPidFile } from "./pid-file.ts";
import { CLEAN_ENVIRONMENT, isAlive, run } from "./system.ts";

/** A running PostgreSQL. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

/** Recovery after a crash replays at most `max_wal_size`, which takes minutes on a slow disk. */
const START_LIMIT_MS = 300_000;
const REPORT_AFTER_MS = 5_000;
/** Time limit of a fast shutdown before an immediate one, in milliseconds. */
const FAST_STOP_MS = 4_000;
const IMMEDIATE_STOP_MS = 3_000;
/** How long a process may take to end after it has removed its pid file. */
const REAP_MS = 300;
const POLL_MS = 10;
const PORT_ATTEMPTS = 5;
/** Children of a killed PostgreSQL end within this time. */
const ORPHANS_MS = 10_000;

function settings(port: number, isDurable: boolean): string[] {
  const durability = isDurable ? "on" : "off";
  const values: Record<string, string | number> = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 200,
    shared_buffers: "128MB",
    max_wal_size: "1GB",
    // An acknowledged message must survive a power cut.
    fsync: durability,
    synchronous_commit: durability,
    full_page_writes: durability,
    // Compiling a query costs more than a chat's short queries gain from it.
    jit: "off",
    random_page_cost: 1.1,
    timezone: "UTC",
    log_timezone: "UTC",
    log_checkpoints: "off",
    log_line_prefix: "%m [%p] ",
    log_lock_waits: "on",
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** Returns the path of PostgreSQL's log. */
export function logFileOf(cluster: Pick<Cluster, "home">): string {
  return join(cluster.home, "postgres.log");
}

/**
 * Starts PostgreSQL on a stopped cluster, detached, so that it can outlive this process.
 *
 * @param cluster the cluster
 * @param fixedPort port to listen on; by default any free port
 * @param log called if the start is slow
 * @returns undefined if another process started one on the same folder at the same time
 * @throws StartupError if it does not start
 */
export async function startPostmaster(
  cluster: Cluster,
  fixedPort: number | undefined,
  log: (line: string) => void,
  signal?: AbortSignal,
): Promise<Postmaster | undefined> {
  const giveUpOnOrphans = Date.now() + ORPHANS_MS;
  for (let attempt = 1; ;) {
    signal?.throwIfAborted();
    const port = fixedPort ?? (await freePort());
    const outcome = await launch(cluster, port, log, signal);
    if (typeof outcome !== "string") return outcome;
    if (/lock file "postmaster.pid" already exists/.test(outcome)) return undefined;
    if (/shared memory block .* is still in use/.test(outcome) && Date.now() < giveUpOnOrphans) {
      await delay(100);
      continue;
    }
    // Another program took the port between the check and PostgreSQL's bind.
    if (/could not bind/.test(outcome) && attempt < PORT_ATTEMPTS && fixedPort === undefined) {
      attempt += 1;
      continue;
    }
    throw new StartupError(
      `PostgreSQL does not start on ${cluster.dataDir}: ${findFailure(outcome) ?? "it wrote no output"} (see ${logFileOf(cluster)})`,
      remedyFor(outcome),
    );
  }
}

/** @returns the running server, or its log output if it ended */
async function launch(
  cluster: Cluster,
  port: number,
  log: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<Postmaster | string> {
  const logFile = logFileOf(cluster);
  const handle = await openLog(logFile);
  const logStart = (await handle.stat()).size;
  let ended: number | string | undefined;
  let pid: number | undefined;
  try {
    if (process.platform === "win32") {
      // postgres.exe refuses to run as administrator; pg_ctl drops the privileges.
      const args = ["start", "-w", "-s", "-D", cluster.dataDir, "-l", logFile];
      const options = settings(port, cluster.isDurable ?? true).map((word) =>
        /[\s"]|=$/.test(word) ? `"${word}"` : word,
      );
      const { code } = await run(cluster.binaries.pgCtl, [...args, "-o", options.join(" ")]);
      if (code !== 0) ended = code;
    } else {
      const child = spawn(
        cluster.binaries.postgres,
        ["-D", cluster.dataDir, ...settings(port, cluster.isDurable ?? true)],
        {
          cwd: "/",
          env: CLEAN_ENVIRONMENT,
          // A separate process group: Ctrl-C in the terminal reaches only Parley, which stops PostgreSQL in
          // order.
          detached: true,
          stdio: ["ignore", handle.fd, handle.fd],
          ...(cluster.user ? { uid: cluster.user.uid, gid: cluster.user.gid } : {}),
        },
      );
      child.on("error", (error) => (ended = `FATAL: ${error.message}`));
      child.on("exit", (code, by) => (ended ??= code ?? by ?? "unknown"));
      child.unref();
      pid = child.pid;
    }
    const started = Date.now();
    let isReported = false;
    while (ended === undefined) {
      const file = await readPidFile(cluster.dataDir);
      if (file?.status === "ready" && file.port !== undefined && (pid ?? file.pid) === file.pid) {
        return { pid: file.pid, port: file.port };
      }
      const elapsed = Date.now() - started;
      if (signal?.aborted || elapsed > START_LIMIT_MS) {
        if (pid !== undefined) await stopPostmaster(cluster, pid);
        signal?.throwIfAborted();
        return `FATAL: it was not ready after ${START_LIMIT_MS / 1000} s`;
      }
      if (elapsed > REPORT_AFTER_MS && !isReported) {
        isReported = true;
        log("PostgreSQL is recovering from an unclean end; this can take a while");
      }
      await delay(POLL_MS);
    }
  } finally {
    await handle.close();
  }
  const output = await readLogFrom(logFile, logStart);
  return typeof ended === "string" ? `${output}\n${ended}` : output;
}

/**
 * Stops a running PostgreSQL and waits for its end: a fast shutdown, which loses nothing and needs no
 * recovery; then an immediate one, which needs recovery; then a kill.
 */
export async function stopPostmaster(
  cluster: Pick<Cluster, "dataDir"> & Partial<Pick<Cluster, "binaries">>,
  pid: number,
): Promise<void> {
  for (const [name, limit] of [
    ["SIGINT", FAST_STOP_MS],
    ["SIGQUIT", IMMEDIATE_STOP_MS],
    ["SIGKILL", IMMEDIATE_STOP_MS],
  ] as const) {
    await sendSignal(cluster.binaries?.pgCtl, pid, name);
    if (await hasEnded(cluster.dataDir, pid, limit)) return;
  }
}

/** Stops the PostgreSQL that runs on a folder, if any. */
export async function stopRunning(dataDir: string): Promise<void> {
  const running = await findRunning(dataDir);
  if (running) await stopPostmaster({ dataDir }, running.pid);
}

/** Waits for a stopping PostgreSQL. Returns whether it ended in time. */
export async function hasEnded(dataDir: string, pid: number, limitMs: number): Promise<boolean> {
  const giveUp = Date.now() + limitMs;
  let gone: number | undefined;
  for (;;) {
    if (!(await isAlive(pid))) return true;
    // The pid file disappears before the process, which may remain as an unreaped zombie.
    if ((await readPidFile(dataDir))?.pid !== pid) gone ??= Date.now();
    if (gone !== undefined && Date.now() - gone > REAP_MS) return true;
    if (Date.now() > giveUp) return false;
    await delay(POLL_MS);
  }
}

async function sendSignal(
  pgCtl: string | undefined,
  pid: number,
  name: "SIGINT" | "SIGQUIT" | "SIGKILL",
) {
  if (process.platform === "win32" && pgCtl && name !== "SIGKILL") {
    // Windows has no signals; PostgreSQL listens on a pipe instead.
    await run(pgCtl, ["kill", name.slice("SIG".length), String(pid)]);
    return;
  }
  try {
    process.kill(pid, name);
  } catch {
    // The process has already ended.
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address && typeof address === "object") resolve(address.port);
        else reject(new Error("no port was assigned"));
      });
    });
  });
}
