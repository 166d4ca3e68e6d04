import { readFile, readlink, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { errorCode, isAlive, run } from "./system.ts";

/** What PostgreSQL writes into its data folder while it runs. */
export interface PidFile {
  readonly pid: number;
  /** TCP port; undefined in the first moments of a start. */
  readonly port: number | undefined;
  /** `starting`, `ready`, `stopping`, …; empty in the first moments of a start. */
  readonly status: string;
}

const PORT_LINE = 3;
const STATUS_LINE = 7;

/** Reads `postmaster.pid`; undefined when there is none or nothing sensible in it. */
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
 * The PostgreSQL that runs on a data folder. A left-over `postmaster.pid` whose process is gone,
 * or whose number now belongs to another program, counts as nothing.
 */
export async function findRunning(dataDir: string): Promise<PidFile | undefined> {
  const file = await readPidFile(dataDir);
  if (!file || !(await isAlive(file.pid))) return undefined;
  if (await servesFolder(file.pid, dataDir)) return file;
  await markStale(dataDir, file.pid);
  return undefined;
}

/** Whether a process is a PostgreSQL on this data folder, as far as the system can tell. */
async function servesFolder(pid: number, dataDir: string): Promise<boolean> {
  if (process.platform === "linux") {
    try {
      // PostgreSQL works in its data folder.
      return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(dataDir));
    } catch {
      // Not even visible: a process of somebody else.
      return false;
    }
  }
  // PostgreSQL on Windows recognises its own processes by itself.
  if (process.platform === "win32") return true;
  const { stdout } = await run("ps", ["-o", "command=", "-p", String(pid)]);
  return stdout.includes("postgres") && stdout.includes(dataDir);
}

/**
 * PostgreSQL refuses to start when the number in `postmaster.pid` is a living process of its
 * user, whatever that process is. It makes an exception for its parent, which this process is
 * about to be. The rest of the file must stay: it names the shared memory that tells PostgreSQL
 * whether children of the dead server still live.
 */
async function markStale(dataDir: string, pid: number): Promise<void> {
  const path = join(dataDir, "postmaster.pid");
  const text = await readFile(path, "utf8");
  if (text.startsWith(`${pid}\n`)) {
    await writeFile(path, `${process.pid}${text.slice(String(pid).length)}`);
  }
}
