import { readFile, readlink, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { errorCode, isAlive, run } from "./system.ts";

/** The file that a running PostgreSQL keeps in its data folder. */
export interface PidFile {
  readonly pid: number;
  /** TCP port; undefined early in a start. */
  readonly port: number | undefined;
  /** `starting`, `ready`, `stopping`, …; empty early in a start. */
  readonly status: string;
}

const PORT_LINE = 3;
const STATUS_LINE = 7;

/** Reads `postmaster.pid`; undefined if it is missing or invalid. */
export async function readPidFile(dataDir: string): Promise<PidFile | undefined> {
  let text: string;
  try {
    text = await readFile(join(dataDir, "postmaster.pid"), "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
  const lines = text.split("\n").map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const port = Number(lines[PORT_LINE]);
  return {
    pid,
    port: Number.isInteger(port) && port > 0 ? port : undefined,
    status: lines[STATUS_LINE] ?? "",
  };
}

/**
 * Finds the PostgreSQL that runs on a data folder. Ignores a leftover `postmaster.pid` whose process is
 * gone or belongs to another program.
 */
export async function findRunning(dataDir: string): Promise<PidFile | undefined> {
  const file = await readPidFile(dataDir);
  if (!file || !(await isAlive(file.pid))) return undefined;
  if (await servesFolder(file.pid, dataDir)) return file;
  await markStale(dataDir, file.pid);
  return undefined;
}

/** Whether a process is a PostgreSQL on this data folder, as far as the system shows. */
async function servesFolder(pid: number, dataDir: string): Promise<boolean> {
  if (process.platform === "linux") {
    try {
      // PostgreSQL's working directory is its data folder.
      return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(dataDir));
    } catch {
      // The process is invisible, so it belongs to another user.
      return false;
    }
  }
  // On Windows, PostgreSQL itself recognizes its processes.
  if (process.platform === "win32") return true;
  const { stdout } = await run("ps", ["-o", "command=", "-p", String(pid)]);
  return stdout.includes("postgres") && stdout.includes(dataDir);
}

/**
 * Marks the pid file as stale. PostgreSQL refuses to start if the process in `postmaster.pid` is alive
 * and belongs to its user, except if that process is its parent, which this process is about to become.
 * The rest of the file must stay: it identifies the shared memory by which PostgreSQL detects surviving
 * children of the dead server.
 */
async function markStale(dataDir: string, pid: number): Promise<void> {
  const path = join(dataDir, "postmaster.pid");
  const text = await readFile(path, "utf8");
  if (text.startsWith(`${pid}\n`)) {
    await writeFile(path, `${process.pid}${text.slice(String(pid).length)}`);
  }
}
