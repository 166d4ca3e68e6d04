import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyMigrations } from "../prisma/migrate.ts";
import { startEmbeddedPostgres } from "../server/infra/database/embedded/embedded-postgres.ts";

/** A measured program in a separate process. */
export interface Program {
  url: string;
  /** CPU seconds used since its start, user and system. */
  cpuSeconds(): Promise<number>;
  /** Bytes after a garbage collection; for programs started with `MEMORY_PROBE`. */
  memory(): Promise<Memory>;
  stop(): Promise<void>;
}

export interface Memory {
  /** The heap and its buffers. */
  heap: number;
  /** The whole process. */
  resident: number;
}

const CLOCK_TICKS = 100;
const GONE = { parent: "", cpuSeconds: 0 };
const PARLEY_READY = /Playground +(http:\S+)\/graphql/;
const PEER_READY = /ready ((?:ws|http):\S+)/;
const TSX = ["--import", "tsx"];
/** Node arguments that make `Program.memory` work. */
export const MEMORY_PROBE = ["--expose-gc", "--import", "./bench/memory-probe.mjs"];

/** @param environment settings besides those of every measured server */
export async function startParley(
  environment: Record<string, string>,
  nodeArguments: readonly string[] = [],
): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), "parley-bench-files-"));
  const settings = {
    FILES_DIR: folder,
    PORT: "0",
    HOST: "127.0.0.1",
    LOG_LEVEL: "warn",
    NODE_ENV: "production",
    // One instance needs no Redis.
    REDIS_URL: "",
    // The load sends as fast as it is acknowledged.
    RATE_LIMITS: "false",
    ...environment,
  };
  const program = await startProgram(
    ["--max-semi-space-size=64", ...nodeArguments, "dist/server/main.js"],
    settings,
    PARLEY_READY,
  );
  return {
    ...program,
    stop: async () => {
      await program.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** @param file of bench/peers, without folder and extension */
export function startPeer(
  file: string,
  environment: Record<string, string> = {},
  nodeArguments: readonly string[] = [],
): Promise<Program> {
  return startProgram(
    [...TSX, ...nodeArguments, `bench/peers/${file}.ts`],
    { NODE_ENV: "production", ...environment },
    PEER_READY,
  );
}

/** Starts a Node program and waits for the line on standard output with its URL. */
async function startProgram(
  args: readonly string[],
  env: Record<string, string>,
  line: RegExp,
): Promise<Program> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const printed = new Printed(child);
  const [, url = ""] = await printed.next(line);
  return {
    url,
    cpuSeconds: async () => (await processOf(String(child.pid))).cpuSeconds,
    memory: async () => {
      const answer = printed.next(/memory (\d+) (\d+)\n/);
      child.kill("SIGUSR2");
      const [, heap, resident] = await answer;
      return { heap: Number(heap), resident: Number(resident) };
    },
    stop: async () => {
      const closed = once(child, "exit");
      child.kill("SIGTERM");
      await closed;
    },
  };
}

/** The output of a program. */
class Printed {
  #text = "";
  #seek: () => void = () => undefined;
  #ended = false;

  constructor(child: ChildProcess) {
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      this.#text += chunk;
      this.#seek();
    });
    child.once("exit", () => {
      this.#ended = true;
      this.#seek();
    });
  }

  /** Waits for the next match; rejects if the program ends without it. */
  next(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      this.#seek = () => {
        const match = pattern.exec(this.#text);
        if (match !== null) {
          this.#text = "";
          this.#seek = () => undefined;
          resolve(match);
        } else if (this.#ended) reject(new Error(`A program ended too early:\n${this.#text}`));
      };
      this.#seek();
    });
  }
}

/** Returns the parent's id of a process, and the CPU time of it and its ended children, from proc(5). */
export async function processOf(pid: string): Promise<{ parent: string; cpuSeconds: number }> {
  // The fields after the program's name in parentheses start with the third.
  const [, rest = ""] = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ");
  const fields = rest.split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: fields[1] ?? "", cpuSeconds: ticks / CLOCK_TICKS };
}

export interface BenchDatabase {
  url: string;
  /** CPU seconds used by all its processes since their start. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a migrated PostgreSQL with fsync for the bench. */
export async function startDatabase(): Promise<BenchDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "parley-bench-"));
  await chmod(folder, 0o755);
  const dataDir = join(folder, "postgres");
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined });
  await applyMigrations(postgres.url, { migrationsDir: "prisma/migrations", log: () => undefined });
  return {
    url: postgres.url,
    cpuSeconds: async () => {
      const [postmaster = ""] = (await readFile(join(dataDir, "postmaster.pid"), "utf8")).split(
        "\n",
      );
      let seconds = 0;
      for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
        // A process may end while it is being read.
        const { parent, cpuSeconds } = await processOf(pid).catch(() => GONE);
        if (pid === postmaster || parent === postmaster) seconds += cpuSeconds;
      }
      return seconds;
    },
    stop: async () => {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
