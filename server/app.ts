import { randomUUID } from "node:crypto";
import { schemeOf, type Config } from "./config.ts";
import { usePrisma } from "./graphql/builder.ts";
import { makeExecutor, type Executor } from "./graphql/execute.ts";
import { loadCompiler } from "./graphql/just-in-time.ts";
import { prepareLoaders } from "./graphql/loaders.ts";
import { maskError } from "./graphql/mask.ts";
import type { Services } from "./graphql/services.ts";
import { makeAdmission, type Admission } from "./http/admission.ts";
import { makeDownloadHandler } from "./http/downloads.ts";
import { makeEventStreams, type EventStreams } from "./http/socket/event-streams.ts";
import { makeExportHandler } from "./http/export-http.ts";
import { makeGraphQLHandler } from "./http/graphql-http.ts";
import { makeHttpServer, type HttpServer } from "./http/http-server.ts";
import { makeOpenConnections } from "./http/open-connections.ts";
import { counter, gauge, makeMetricsHandler, type Metric } from "./http/metrics.ts";
import { makeUploadHandler } from "./http/uploads.ts";
import { makeOperationStarter } from "./http/socket/operation-starter.ts";
import { makeSocketServer, type SocketServer } from "./http/socket/socket-server.ts";
import { isTransient } from "./log/transient-error.ts";
import { makeSoloBus } from "./infra/bus/solo-bus.ts";
import { openDatabase } from "./infra/database/database.ts";
import { systemClock } from "./kernel/clock.ts";
import { makeLogger } from "./kernel/logger.ts";
import { StartupError } from "./kernel/startup-error.ts";
import type { RunningModules } from "./module-list.ts";
import type { Infrastructure } from "./module.ts";
import { createModules, loaderFactories } from "./modules.ts";
import { schema } from "./schema.ts";

/** Delay of the background work after the start, in milliseconds. */
const BACKGROUND_DELAY_MS = 100;
const REDIS_TIMEOUT_MS = 3_000;

/** One running instance. */
export interface App {
  readonly port: number;
  /** Numbers of open resources. */
  counts(): {
    sockets: number;
    streams: number;
    signals: number;
    /** Users with a device connected to this instance. */
    people: number;
    subscribers: number;
    groups: number;
  };
  /** Stops accepting requests, finishes those in progress, and frees all resources. */
  stop(): Promise<void>;
}

/**
 * Composes an instance and starts to serve.
 *
 * @param config      the settings
 * @param databaseUrl PostgreSQL with all migrations applied
 * @throws StartupError when the port, the database or Redis is unavailable
 */
export async function startApp(config: Config, databaseUrl: string): Promise<App> {
  const infrastructure = await openInfrastructure(config, databaseUrl);
  const { database, bus, logger } = infrastructure;
  const modules = createModules(infrastructure);
  usePrisma(database.prisma);
  const { http, counts } = composeHttp(infrastructure, modules);
  let background: NodeJS.Timeout | undefined;

  const dispose = async (): Promise<void> => {
    clearTimeout(background);
    await modules.stop();
    await bus.close();
    modules.rates.close();
    await database.close();
  };

  try {
    await waitForBus(infrastructure);
    database.watch(logger);
    await modules.start();
    const port = await http.listen();
    background = setTimeout(() => {
      startBackground(infrastructure, modules);
    }, BACKGROUND_DELAY_MS);
    logger.debug({ port }, `listening on ${schemeOf(config)}://${config.HOST}:${String(port)}`);
    return {
      port,
      counts,
      stop: async () => {
        await http.close(config.SHUTDOWN_SECONDS * 1_000);
        await dispose();
      },
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Opens the database and the connection to other instances; loads the Redis client only if it is needed. */
async function openInfrastructure(config: Config, databaseUrl: string): Promise<Infrastructure> {
  const instanceId = randomUUID();
  const logger = makeLogger({
    level: config.LOG_LEVEL,
    base: { instance: instanceId.slice(0, 8) },
    isReported: (error) => database.isAway && isTransient(error),
  });
  const database = openDatabase({
    url: databaseUrl,
    size: config.DATABASE_POOL,
    boundedTimeoutMs: config.SEARCH_TIMEOUT_SECONDS * 1_000,
  });
  const common = { config, database, logger, clock: systemClock, instanceId };
  if (config.REDIS_URL === undefined) return { ...common, bus: makeSoloBus(), redis: null };
  const { openRedis } = await import("./infra/redis.ts");
  const { bus, counters } = openRedis({ url: config.REDIS_URL, instanceId, logger });
  return { ...common, bus, redis: counters };
}

type Modules = RunningModules<Services>;

/** Starts the work that neither the start nor a request waits for. */
function startBackground({ database, logger }: Infrastructure, modules: Modules): void {
  modules.startBackground();
  database.warm().catch((error: unknown) => {
    logger.debug({ err: error }, "Prisma will load on first use");
  });
  loadCompiler().catch((error: unknown) => {
    logger.error(
      { err: error },
      "The operation compiler could not be loaded; operations run without compilation",
    );
  });
}

function composeExecutor({ config, database, logger }: Infrastructure, modules: Modules): Executor {
  return makeExecutor({
    schema,
    services: modules.services,
    makeLoaders: prepareLoaders(loaderFactories),
    database,
    logger,
    introspection: config.INTROSPECTION,
    limits: {
      depth: config.OPERATION_DEPTH,
      aliases: config.OPERATION_ALIASES,
      cost: config.OPERATION_COST,
      pageSize: config.PAGE_SIZE_MAX,
    },
  });
}

/** Composes the HTTP server with its handlers. Opens no port. */
function composeHttp(
  infrastructure: Infrastructure,
  modules: Modules,
): { http: HttpServer; counts: App["counts"] } {
  const { config, database, bus, logger } = infrastructure;
  const { liveSessions, receiving, downloads, exports } = modules.services;
  const executor = composeExecutor(infrastructure, modules);
  const streams = makeEventStreams(executor);
  const admission = makeAdmission({ limit: config.OPERATIONS_AT_ONCE, logger });
  const connections = makeOpenConnections({
    perAddress: config.RATE_LIMITS ? config.SOCKETS_PER_ADDRESS : 0,
    perAccount: config.RATE_LIMITS ? config.SOCKETS_PER_ACCOUNT : 0,
  });
  const sockets = makeSocketServer({
    config,
    liveSessions,
    connections,
    logger,
    start: makeOperationStarter({
      executor,
      liveSessions,
      streams,
      rates: modules.rates,
      admission,
      concurrency: config.SUBSCRIPTIONS_PER_SOCKET,
    }),
    shown: (errors) => errors.map((error) => maskError(error, randomUUID(), logger).toJSON()),
  });
  const counts = makeCounts({ services: modules.services, sockets, streams });
  const metrics = makeMetrics({ infrastructure, modules, admission, sockets, counts });
  const concurrency = config.UPLOAD_CONCURRENCY;
  const http = makeHttpServer({
    config,
    graphql: makeGraphQLHandler({ config, executor, liveSessions, connections, logger }),
    sockets,
    connections,
    uploads: makeUploadHandler({ config, receiving, liveSessions, logger, concurrency }),
    downloads: makeDownloadHandler({ config, downloads, liveSessions, logger }),
    exports: makeExportHandler({ config, exports, logger }),
    health: {
      ready: async () => {
        await Promise.all([database.ping(), bus.ping()]);
      },
    },
    admission,
    metrics: makeMetricsHandler({ token: config.METRICS_TOKEN, read: metrics }),
    logger,
  });
  return { http, counts };
}

interface CountsOptions {
  services: Services;
  sockets: SocketServer;
  streams: EventStreams;
}

function makeCounts({ services, sockets, streams }: CountsOptions): App["counts"] {
  const { log, signals, presence } = services;
  return () => ({
    ...log.counts(),
    ...signals.counts(),
    ...presence.counts(),
    sockets: sockets.size,
    groups: streams.groups,
  });
}

interface MetricsOptions {
  infrastructure: Infrastructure;
  modules: Modules;
  admission: Admission;
  sockets: SocketServer;
  counts: App["counts"];
}

/** Returns a function that reads the values of all metrics. */
function makeMetrics(options: MetricsOptions): () => Metric[] {
  const { admission, sockets, counts } = options;
  const { database, bus } = options.infrastructure;
  const { log } = options.modules.services;
  return () => {
    const unread = sockets.waiting();
    return [
      gauge("parley_postgres_up", "Whether PostgreSQL responds.", Number(!database.isAway)),
      counter(
        "parley_postgres_outages_total",
        "Number of PostgreSQL outages since the start.",
        database.outages,
      ),
      gauge(
        "parley_bus_up",
        "Whether the connection to other instances works.",
        Number(bus.healthy),
      ),
      counter("parley_bus_outages_total", "Number of bus outages since the start.", bus.outages),
      counter(
        "parley_bus_interruptions_total",
        "Number of bus interruptions since the start.",
        bus.interruptions,
      ),
      gauge("parley_operations", "Running queries and mutations.", admission.running),
      counter(
        "parley_refused_operations_total",
        "Operations rejected because of overload.",
        admission.refused,
      ),
      gauge(
        "parley_log_position",
        "Position up to which this instance has delivered the log.",
        log.position,
      ),
      gauge("parley_unread_bytes", "Unsent bytes of slow readers.", unread.total),
      gauge("parley_unread_bytes_max", "Unsent bytes of the slowest socket.", unread.largest),
      counter(
        "parley_slow_sockets_total",
        "Sockets closed because the client read too slowly.",
        sockets.slow,
      ),
      ...Object.entries(counts()).map(([name, value]) =>
        gauge(`parley_${name}`, `Number of ${name} open on this instance.`, value),
      ),
    ];
  };
}

/** Waits for the first response of Redis. Without one, REDIS_URL is probably wrong. */
async function waitForBus({ bus }: Infrastructure): Promise<void> {
  const deadline = Date.now() + REDIS_TIMEOUT_MS;
  for (;;) {
    try {
      await bus.ping();
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw new StartupError(
          `Redis at REDIS_URL cannot be reached: ${error instanceof Error ? error.message : "no response"}.`,
          "Start Redis, correct REDIS_URL, or leave it out to run a single instance.",
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
