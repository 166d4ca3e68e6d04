import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, chmod, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyMigrations } from "../prisma/migrate.ts";
import { startEmbeddedPostgres } from "../server/infra/database/embedded/embedded-postgres.ts";

/** A program under measurement, in a process of its own. */
export interface Program {
  url: string;
  /** Seconds of CPU that it has used so far, user and system together. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

const CLOCK_TICKS = 100;

/** Starts a Node program and waits for the line on standard output that names its URL. */
export async function startProgram(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  line: RegExp,
): Promise<Program> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await firstMatch(child, line);
  return {
    url,
    cpuSeconds: async () => {
      const { readFile } = await import("node:fs/promises");
      // Fields 14 and 15 of proc(5), counted behind the program's name in parentheses.
      const fields =
        (await readFile(`/proc/${String(child.pid)}/stat`, "utf8")).split(") ")[1]?.split(" ") ??
        [];
      return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
    },
    stop: async () => {
      const closed = once(child, "exit");
      child.kill("SIGTERM");
      await closed;
    },
  };
}

async function firstMatch(child: ChildProcess, line: RegExp): Promise<string> {
  let printed = "";
  for await (const chunk of child.stdout ?? []) {
    printed += String(chunk);
    const url = line.exec(printed)?.[1];
    if (url !== undefined) {
      child.stdout?.resume();
      return url;
    }
  }
  throw new Error(`The program ended before it was ready:\n${printed}`);
}

/** A PostgreSQL of the bench's own, with fsync, migrated. */
export async function startDatabase(): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "parley-bench-"));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({
    dataDir: join(folder, "postgres"),
    log: () => undefined,
  });
  await applyMigrations(postgres.url, { migrationsDir: "prisma/migrations", log: () => undefined });
  return {
    url: postgres.url,
    stop: async () => {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
