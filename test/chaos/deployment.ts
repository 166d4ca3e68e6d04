import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../kit/eventually.ts";
import { startLoadBalancer, type LoadBalancer } from "../kit/load-balancer.ts";
import { startRedis, type TestRedis } from "../kit/redis.ts";
import { onRelease } from "../kit/resources.ts";
import { ServerProcess } from "../kit/server-process.ts";
import type { History } from "./history.ts";
import { RoughPostgres } from "./postgres.ts";

const ROOT = join(import.meta.dirname, "../..");
const BUNDLE = join(ROOT, "dist/server/main.js");
/** How long an instance is restarted repeatedly while its dependencies are away, in milliseconds. */
const START_LIMIT_MS = 60_000;
/** Log lines of a bug or worse: pino's levels 50 and 60. */
const BUG = /"level":(?:50|60),.*/;
/** The last line that Node prints after an uncaught exception. */
const CRASH = /^Node\.js v\d/m;
/** The output of soak-probe.mjs. */
const MEMORY = /^memory \d+ (\d+) (\d+)$/gm;
/** Number of characters kept of a process's output before its end. */
const KEPT_OUTPUT = 2_000;

/** Settings of all instances. */
const SETTINGS = {
  // Short enough that a short run can check users who have disconnected.
  PRESENCE_TTL_SECONDS: "2",
};

/** How long users may appear online after disconnecting, in milliseconds, during any faults. */
export const PRESENCE_GRACE_MS = 8_000;

/** An instance, over all its restarts. */
export class Instance {
  readonly name: string;
  readonly #server: ServerProcess;
  readonly #history: History;
  /** Serializes the operations on it. */
  #turn: Promise<unknown> = Promise.resolve();
  #wanted = false;

  constructor(name: string, server: ServerProcess, history: History) {
    this.name = name;
    this.#server = server;
    this.#history = history;
  }

  get url(): string {
    return this.#server.url;
  }

  get isRunning(): boolean {
    return this.#server.isRunning;
  }

  get pid(): number {
    return this.#server.pid;
  }

  /** Starts it unless it runs; retries like a supervisor until its dependencies are available. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#server.isRunning) return;
      await eventually(() => this.#tryToStart(), {
        timeoutMs: START_LIMIT_MS,
        intervalMs: 100,
        what: `a start of ${this.name}`,
      });
      this.#wanted = true;
      void this.#server.exited.then(({ code, signal }) => {
        if (!this.#wanted) return;
        this.#wanted = false;
        const how = signal ?? `code ${code ?? "unknown"}`;
        this.#broke(`ended unexpectedly: ${how}\n${this.#server.output.slice(-KEPT_OUTPUT)}`);
      });
    });
  }

  /** Kills the process, like a crash. */
  kill(): Promise<void> {
    return this.#inTurn(async () => {
      this.#wanted = false;
      await this.#server.kill();
      this.lookForBugs();
    });
  }

  /** Stops it gracefully. */
  stop(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#server.isRunning) return;
      this.#wanted = false;
      const { code, signal } = await this.#server.stop();
      if (code !== 0) this.#broke(`did not stop in good order: ${signal ?? `code ${code ?? ""}`}`);
      this.lookForBugs();
    });
  }

  /** Stops it permanently. */
  async release(): Promise<void> {
    this.#wanted = false;
    if (this.#server.url !== "") await this.#server.release();
  }

  /**
   * Returns the bytes in use after a garbage collection, of the heap with its buffers and of the process,
   * for an instance started with soak-probe.mjs.
   */
  async memory(): Promise<readonly [heap: number, resident: number]> {
    const known = this.#server.output.match(MEMORY)?.length ?? 0;
    process.kill(this.pid, "SIGUSR2");
    return eventually(() => {
      const all = [...this.#server.output.matchAll(MEMORY)];
      const [, heap, resident] = all[known] ?? [];
      if (heap === undefined) throw new Error("no answer of the probe yet");
      return [Number(heap), Number(resident)] as const;
    });
  }

  /** Records each bug in the instance's log once. */
  lookForBugs(): void {
    for (const line of this.#server.output.split("\n")) {
      const bug = BUG.exec(line);
      if (bug) this.#broke(bug[0].slice(0, 2_000));
    }
  }

  /** Starts the process once. Without its dependencies, the start may fail and must report so. */
  async #tryToStart(): Promise<void> {
    try {
      await this.#server.start();
    } catch (error) {
      const { output } = this.#server;
      if (CRASH.test(output)) this.#broke(`crashed at its start:\n${output.slice(-KEPT_OUTPUT)}`);
      throw error;
    }
  }

  #broke(what: string): void {
    this.#history.add({ kind: "broke", instance: this.name, what });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

/** The whole deployment: instances behind a load balancer, one PostgreSQL and one Redis. */
export interface Deployment {
  readonly instances: readonly Instance[];
  readonly balancer: LoadBalancer;
  readonly postgres: RoughPostgres;
  readonly redis: TestRedis;
}

/**
 * Starts the deployment; `releaseAll` stops it.
 *
 * @param count number of instances, at least two
 * @param env further settings of the instances
 */
export async function deploy(
  count: number,
  history: History,
  env: Record<string, string> = {},
): Promise<Deployment> {
  // The name lets the next test run remove leftovers of a killed one: see kit/cluster.ts.
  const folder = await mkdtemp(join(tmpdir(), "parley-test-"));
  await chmod(folder, 0o755);
  await writeFile(join(folder, "owner.pid"), String(process.pid));
  onRelease(() => rm(folder, { recursive: true, force: true }));
  const [postgres, redis] = await Promise.all([RoughPostgres.make(folder), startRedis()]);
  const stopNow = (): void => postgres.stopNow();
  process.once("exit", stopNow);
  onRelease(async () => {
    await postgres.stop();
    process.off("exit", stopNow);
  });
  const instances: Instance[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = `instance-${index}`;
    const dataFolder = join(folder, name);
    await mkdir(dataFolder);
    const server = new ServerProcess(
      { databaseUrl: postgres.url, redisUrl: redis.url, env: { ...SETTINGS, ...env } },
      { root: ROOT, bundle: BUNDLE, dataFolder },
    );
    instances.push(new Instance(name, server, history));
  }
  onRelease(async () => {
    await Promise.all(instances.map((instance) => instance.release()));
  });
  // The first instance applies the migrations for the others.
  for (const first of instances.slice(0, 1)) await first.start();
  await Promise.all(instances.map((instance) => instance.start()));
  const balancer = await startLoadBalancer(() => instances);
  return { instances, balancer, postgres, redis };
}
