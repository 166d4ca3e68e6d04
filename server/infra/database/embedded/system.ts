import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";

import { StartupError } from "../../../kernel/startup-error.ts";

/** The operating-system user that runs PostgreSQL. */
export interface OsUser {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/** The output and exit code of a program. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The complete environment of PostgreSQL's programs, so that neither PGPORT nor PGOPTIONS nor a locale of the
 * shell affects them. (Windows adds the variables that it needs.)
 */
export const CLEAN_ENVIRONMENT: NodeJS.ProcessEnv = {
  LC_ALL: "C",
  PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
};

/**
 * Runs a program to its end.
 *
 * @param command path or name of the program
 * @param args its arguments
 * @param options the user (default: the current one) and the standard input
 * @returns its exit code and output; code 127 if it could not be started
 */
export function run(
  command: string,
  args: readonly string[],
  options: { user?: OsUser | undefined; input?: string; signal?: AbortSignal | undefined } = {},
): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      // The other user may not be able to enter the current directory.
      cwd: "/",
      env: CLEAN_ENVIRONMENT,
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
      ...(options.user ? { uid: options.user.uid, gid: options.user.gid } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    // A program that ends without reading its input breaks the pipe; its exit code shows the cause.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    child.on("error", (error) => resolve({ code: 127, stdout, stderr: error.message }));
    child.on("close", (code) => resolve({ code: code ?? 128, stdout, stderr }));
  });
}

/** Returns the `code` of a Node system error such as `ENOENT`, or undefined. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

/** Whether a process with this id runs. A zombie does not count. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
  if (process.platform !== "linux") return true;
  try {
    // "pid (name) state …": the name may contain spaces and parentheses.
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

/**
 * Turns a file-system error into one line and a remedy.
 *
 * @param error the thrown value
 * @param doing the attempted action, such as "write the database folder /x"
 * @returns a StartupError for well-known causes, otherwise the error itself
 */
export function explainDiskError(error: unknown, doing: string): unknown {
  const remedies: Record<string, string> = {
    EACCES:
      "Give the user who starts Parley write access to it, or set PARLEY_DATA to another folder",
    EPERM:
      "Give the user who starts Parley write access to it, or set PARLEY_DATA to another folder",
    EROFS: "The disk is mounted read-only: set PARLEY_DATA to a folder on a writable one",
    ENOSPC: "The disk is full: free some space, then start again",
    EDQUOT: "The disk quota is used up: free some space, then start again",
    ENOTDIR:
      "A file is where a folder should be: move it away, or set PARLEY_DATA to another folder",
    EEXIST:
      "A file is where a folder should be: move it away, or set PARLEY_DATA to another folder",
    EIO: "The disk reports errors: check it before anything else",
  };
  const code = errorCode(error);
  const remedy = code === undefined ? undefined : remedies[code];
  if (remedy === undefined || error instanceof StartupError) return error;
  return new StartupError(`Cannot ${doing} (${code})`, remedy, { cause: error });
}
