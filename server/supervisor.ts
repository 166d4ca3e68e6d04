import { applyMigrations } from "../prisma/migrate.ts";
import type { Config } from "./config.ts";
import { readConfig, schemeOf } from "./config.ts";
import { startEmbeddedPostgres } from "./infra/database/embedded/embedded-postgres.ts";
import { StartupError } from "./kernel/startup-error.ts";
import { Instance } from "./supervisor/instance.ts";
import { freePort } from "./supervisor/ports.ts";
import { startRedisProcess } from "./supervisor/redis-process.ts";

export interface SuperviseOptions {
  /** Number of instances, on consecutive ports from PORT. */
  instances: number;
  /** The environment from which settings are read; instances inherit it. */
  environment: NodeJS.ProcessEnv;
  /** The server's script. */
  program: string;
  /** The script that ends an instance when this process dies. */
  leash: string;
}

/** Maximum time for an instance to stop, so that everything ends within 10 s. */
const STOP_INSTANCE_MS = 7_500;

/** Reverts one startup step. */
type Undo = () => Promise<void>;

/**
 * Runs several instances on one machine, with one PostgreSQL and one Redis: those of DATABASE_URL and
 * REDIS_URL, or its own. Restarts an instance that dies, and stops everything in order on SIGTERM and
 * SIGINT. Ends the process with code 0 after a signal, and with 1 if it cannot start.
 */
export async function supervise(options: SuperviseOptions): Promise<void> {
  const stopping = new AbortController();
  const undo: Undo[] = [];
  const signalled = new Promise<void>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) {
      process.on(name, () => {
        stopping.abort();
        resolve();
      });
    }
  });
  let code = 0;
  try {
    await startAll(options, undo, stopping.signal);
    await signalled;
  } catch (error) {
    if (!stopping.signal.aborted) {
      code = 1;
      if (error instanceof StartupError) {
        process.stderr.write(`✖ ${error.message} ${error.remedy}\n`);
      } else if (!(error instanceof InstanceFailed)) {
        process.stderr.write(`✖ Parley could not start: ${detail(error)}\n`);
      }
    }
  }
  // Later steps depend on earlier ones, so they stop first.
  for (const stop of undo.reverse()) {
    await stop().catch((error: unknown) => {
      code = 1;
      process.stderr.write(`✖ Stopping failed: ${detail(error)}\n`);
    });
  }
  process.exit(code);
}

/** An instance ended during its start and has printed the cause. */
class InstanceFailed extends Error {}

async function startAll(
  { instances, environment, program, leash }: SuperviseOptions,
  undo: Undo[],
  signal: AbortSignal,
): Promise<void> {
  const config = readConfig(environment);
  const databaseUrl = config.DATABASE_URL ?? (await ownDatabase(config, undo, signal));
  await applyMigrations(databaseUrl, { migrationsDir: config.migrationsDir, log: print });
  signal.throwIfAborted();
  const redisUrl = config.REDIS_URL ?? (await ownRedis(config, environment, undo));
  signal.throwIfAborted();

  const running: Instance[] = [];
  undo.push(async () => {
    await Promise.all(running.map((instance) => instance.stop(STOP_INSTANCE_MS)));
  });
  const origins: string[] = [];
  for (let index = 0; index < instances; index += 1) {
    const port = config.PORT === 0 ? await freePort() : config.PORT + index;
    const instance = new Instance({
      program,
      leash,
      environment: {
        ...environment,
        PORT: String(port),
        DATABASE_URL: databaseUrl,
        REDIS_URL: redisUrl,
      },
      origin: `${schemeOf(config)}://${reachable(config.HOST)}:${String(port)}`,
      log: print,
    });
    running.push(instance);
    if (!(await instance.start())) throw new InstanceFailed();
    signal.throwIfAborted();
    origins.push(`${schemeOf(config)}://localhost:${String(port)}`);
  }
  print(`\n${String(instances)} instances share one database and one Redis:`);
  for (const origin of origins) print(`  ${origin}/  and  ${origin}/graphql`);
}

async function ownDatabase(config: Config, undo: Undo[], signal: AbortSignal): Promise<string> {
  const postgres = await startEmbeddedPostgres({
    dataDir: `${config.PARLEY_DATA}/postgres`,
    log: print,
    signal,
  });
  undo.push(() => postgres.stop());
  return postgres.url;
}

async function ownRedis(
  config: Config,
  environment: NodeJS.ProcessEnv,
  undo: Undo[],
): Promise<string> {
  const redis = await startRedisProcess(config.PARLEY_DATA, environment);
  undo.push(() => redis.stop());
  return redis.url;
}

/** Returns an address at which this machine reaches a server that listens on `host`. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function detail(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
