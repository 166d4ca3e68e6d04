import { copyFile, open, rename, stat, truncate } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

import { errorCode } from "./system.ts";

/** Size in bytes above which the log is rotated at startup. */
const ROTATE_AT_START_BYTES = 8 * 1024 * 1024;
/** Size in bytes above which a running server's log is copied to `.1` and emptied. */
const ROTATE_WHILE_RUNNING_BYTES = 32 * 1024 * 1024;
const CHECK_EVERY_MS = 60_000;

/**
 * Opens PostgreSQL's log for appending, after rotating a long one to `<file>.1`. PostgreSQL inherits the
 * descriptor and keeps logging after its parent has ended.
 */
export async function openLog(file: string): Promise<FileHandle> {
  if ((await sizeOf(file)) > ROTATE_AT_START_BYTES) await rename(file, `${file}.1`);
  return open(file, "a", 0o600);
}

/**
 * Keeps the log of a running PostgreSQL from filling the disk.
 *
 * @returns a function that stops it
 */
export function boundLog(file: string): () => void {
  const timer = setInterval(() => void shorten(file), CHECK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

async function shorten(file: string): Promise<void> {
  try {
    if ((await sizeOf(file)) <= ROTATE_WHILE_RUNNING_BYTES) return;
    // The writer holds the file open for appending, so it must be emptied, not renamed.
    await copyFile(file, `${file}.1`);
    await truncate(file);
  } catch {
    // The disk may be full or the folder gone; the next check tries again.
  }
}

/** Size of a file in bytes; 0 if it does not exist. */
export async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return 0;
    throw error;
  }
}

/**
 * Reads the log after an offset.
 *
 * @param file the log
 * @param from offset in bytes
 * @returns at most the last 16 KiB of it
 */
export async function readLogFrom(file: string, from: number): Promise<string> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const start = Math.max(from, size - 16_384);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Returns the line of PostgreSQL's output that states the failure, without its timestamp. */
export function findFailure(output: string): string | undefined {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const failure = lines.findLast((line) => /(FATAL|PANIC|ERROR|error):/.test(line)) ?? lines.at(-1);
  return failure?.replace(/^.*?(FATAL|PANIC|ERROR|error):\s*/, "").trim();
}
