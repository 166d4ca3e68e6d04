import { Child, type Exit } from "./child.ts";
import { freePort } from "./ports.ts";
import { findRedisServer } from "./programs.ts";
import { onRelease } from "./resources.ts";

const START_LIMIT_MS = 10_000;
const PORT_TRIES = 5;

/** A real Redis for one test, on 127.0.0.1. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  readonly isRunning: boolean;
  /** Stops it gracefully. */
  stop(): Promise<Exit>;
  /** Kills it, like a crash. */
  kill(): Promise<Exit>;
  /** Freezes it: connections stay open and nothing responds. */
  pause(): void;
  resume(): void;
  /** Restarts it empty on the same port, after `stop` or `kill`. */
  start(): Promise<void>;
}

/**
 * Starts a Redis that stores nothing on disk.
 *
 * @throws if the machine has none: guard the suite with `describeWith("redis-server", …)`
 */
export async function startRedis(): Promise<TestRedis> {
  const program = findRedisServer();
  if (program === undefined) throw new Error("redis-server is not on PATH");
  const redis = new RedisProcess(program);
  onRelease(async () => {
    if (redis.isRunning) await redis.kill();
  });
  for (let left = PORT_TRIES; ; left -= 1) {
    redis.port = await freePort();
    try {
      await redis.start();
      return redis;
    } catch (error) {
      // Retries if another program took the port between the check and the bind.
      if (left === 0 || !String(error).includes("already in use")) throw error;
    }
  }
}

class RedisProcess implements TestRedis {
  port = 0;
  readonly #program: string;
  #child: Child | undefined;

  constructor(program: string) {
    this.#program = program;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get isRunning(): boolean {
    return this.#child?.isRunning ?? false;
  }

  async start(): Promise<void> {
    if (this.isRunning) throw new Error("Redis runs already");
    const settings = ["--port", String(this.port), "--bind", "127.0.0.1", "--save", ""];
    this.#child = new Child(this.#program, [...settings, "--appendonly", "no"], {
      name: `redis:${this.port}`,
    });
    await this.#child.line(/Ready to accept connections/, START_LIMIT_MS);
  }

  stop(): Promise<Exit> {
    return this.#end("SIGTERM");
  }

  kill(): Promise<Exit> {
    return this.#end("SIGKILL");
  }

  pause(): void {
    this.#running().process.kill("SIGSTOP");
  }

  resume(): void {
    this.#running().process.kill("SIGCONT");
  }

  #end(signal: NodeJS.Signals): Promise<Exit> {
    const child = this.#running();
    // A frozen process would not react to SIGTERM.
    child.process.kill("SIGCONT");
    return child.end(signal);
  }

  #running(): Child {
    if (!this.#child?.isRunning) throw new Error("Redis does not run");
    return this.#child;
  }
}
