import { randomUUID } from "node:crypto";
import { schemeOf, type Config } from "./config.ts";
import { makeSearchIndexService } from "./domain/search/search-index.service.ts";
import { makeSearchIndexStore } from "./domain/search/search-index.store.ts";
import { usePrisma } from "./graphql/builder.ts";
import { makeExecutor } from "./graphql/execute.ts";
import { loadCompiler } from "./graphql/just-in-time.ts";
import { prepareLoaders } from "./graphql/loaders.ts";
import { maskError } from "./graphql/mask.ts";
import { loaderFactories } from "./modules.ts";
import { schema } from "./schema.ts";
import { makeAdmission } from "./http/admission.ts";
import { makeDownloadHandler } from "./http/downloads.ts";
import { makeEventStreams } from "./http/socket/event-streams.ts";
import { makeExportHandler } from "./http/export-http.ts";
import { makeGraphQLHandler } from "./http/graphql-http.ts";
import { makeHttpServer } from "./http/http-server.ts";
import { makeServices } from "./services.ts";
import { makeOpenConnections } from "./http/open-connections.ts";
import { counter, gauge, makeMetricsHandler, type Metric } from "./http/metrics.ts";
import { makeUploadHandler } from "./http/uploads.ts";
import { makeOperationStarter } from "./http/socket/operation-starter.ts";
import { makeSocketServer } from "./http/socket/socket-server.ts";
import { isTransient } from "./log/transient-error.ts";
import type { Bus } from "./infra/bus/bus.ts";
import type { SharedRedis } from "./infra/redis.ts";
import { makeSoloBus } from "./infra/bus/solo-bus.ts";
import { openDatabase } from "./infra/database/database.ts";
import { systemClock } from "./kernel/clock.ts";
import { makeLogger, type Logger } from "./kernel/logger.ts";
import { StartupError } from "./kernel/startup-error.ts";

/** One running instance. */
export interface App {
  readonly port: number;
  /** What is held open at this moment. */
  counts(): {
    sockets: number;
    streams: number;
    signals: number;
    /** People with a device connected to this instance. */
    people: number;
    subscribers: number;
    groups: number;
  };
  /** Stops accepting, finishes what is under way, and frees everything. */
  stop(): Promise<void>;
}

/**
 * Composes an instance and starts to serve.
 *
 * @param config      the settings
 * @param databaseUrl PostgreSQL with all migrations applied
 * @throws StartupError when the port, the database or Redis cannot be had
 */
export async function startApp(config: Config, databaseUrl: string): Promise<App> {
  const instanceId = randomUUID();
  const instance = { instance: instanceId.slice(0, 8) };
  const isTold = (error: unknown): boolean => database.isAway && isTransient(error);
  const logger = makeLogger({ level: config.LOG_LEVEL, base: instance, isTold });
  const database = openDatabase({
    url: databaseUrl,
    size: config.DATABASE_POOL,
    boundedTimeoutMs: config.SEARCH_TIMEOUT_SECONDS * 1_000,
  });
  const { bus, counters } = await connectOthers(config.REDIS_URL, instanceId, logger);

  const services = makeServices({
    config,
    database,
    bus,
    redis: counters,
    logger,
    clock: systemClock,
    instanceId,
  });
  const { log, liveSessions, audit, deletions, exports, rates } = services;
  const { signals, typing, presence, scheduleSender, sweep, receiving } = services;
  usePrisma(database.prisma);
  const executor = makeExecutor({
    schema,
    services,
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
      rates,
      admission,
      atOnce: config.SUBSCRIPTIONS_PER_SOCKET,
    }),
    shown: (errors) => errors.map((error) => maskError(error, randomUUID(), logger).toJSON()),
  });
  const graphql = makeGraphQLHandler({ config, executor, liveSessions, connections, logger });
  const ready = async (): Promise<void> => {
    await Promise.all([database.ping(), bus.ping()]);
  };
  const uploads = makeUploadHandler({
    config,
    receiving,
    liveSessions,
    logger,
    concurrency: config.UPLOAD_CONCURRENCY,
  });
  const downloads = makeDownloadHandler({
    config,
    downloads: services.downloads,
    liveSessions,
    logger,
  });
  const counts = (): ReturnType<App["counts"]> => ({
    ...log.counts(),
    ...signals.counts(),
    ...presence.counts(),
    sockets: sockets.size,
    groups: streams.groups,
  });
  const figures = (): Metric[] => {
    const unread = sockets.waiting();
    return [
      gauge("parley_postgres_up", "Whether PostgreSQL answers.", Number(!database.isAway)),
      counter("parley_postgres_outages_total", "How often it has gone away.", database.outages),
      gauge("parley_bus_up", "Whether the way to other instances is open.", Number(bus.healthy)),
      counter("parley_bus_outages_total", "How often it has gone away.", bus.outages),
      counter("parley_bus_interruptions_total", "How often it was broken.", bus.interruptions),
      gauge("parley_operations", "Queries and mutations under way.", admission.running),
      counter("parley_refused_operations_total", "How many were turned away.", admission.refused),
      gauge("parley_log_position", "Up to where the log was delivered here.", log.position),
      gauge("parley_unread_bytes", "What waits for those who read slowly.", unread.total),
      gauge("parley_unread_bytes_max", "The same of the socket with most.", unread.largest),
      counter("parley_slow_sockets_total", "Sockets closed because nobody read.", sockets.slow),
      ...Object.entries(counts()).map(([name, value]) =>
        gauge(`parley_${name}`, `How many ${name} are open on this instance.`, value),
      ),
    ];
  };
  const http = makeHttpServer({
    config,
    graphql,
    sockets,
    connections,
    uploads,
    downloads,
    exports: makeExportHandler({ config, exports, logger }),
    health: { ready },
    admission,
    metrics: makeMetricsHandler({ token: config.METRICS_TOKEN, read: figures }),
    logger,
  });

  const searchIndex = makeSearchIndexService({
    store: makeSearchIndexStore(database),
    log,
    logger,
    instanceId,
  });

  /** What nobody who waits for the start waits for. */
  const startRest = (): void => {
    searchIndex.start();
    sweep.start();
    scheduleSender.start();
    audit.start();
    deletions.start();
    database.warm().catch((error: unknown) => {
      logger.debug({ err: error }, "Prisma is loaded when it is first used");
    });
    loadCompiler().catch((error: unknown) => {
      logger.error({ err: error }, "Operations cannot be compiled, and are executed more slowly");
    });
  };
  let rest: NodeJS.Timeout | undefined;

  const dispose = async (): Promise<void> => {
    clearTimeout(rest);
    await searchIndex.stop();
    await scheduleSender.stop();
    await deletions.stop();
    audit.stop();
    await presence.stop();
    typing.stop();
    signals.stop();
    await log.stop();
    await sweep.stop();
    await liveSessions.stop();
    await bus.close();
    rates.close();
    await database.close();
  };

  try {
    await connected(bus);
    database.watch(logger);
    await signals.start();
    await log.start();
    liveSessions.start();
    presence.start();
    const port = await http.listen();
    rest = setTimeout(startRest, REST_AFTER_MS);
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

/** How long after the start what can wait begins, in milliseconds. */
const REST_AFTER_MS = 100;
const REDIS_PATIENCE_MS = 3_000;

/** The way to other instances. What it takes is loaded only where there is a Redis. */
async function connectOthers(
  redisUrl: string | undefined,
  instanceId: string,
  logger: Logger,
): Promise<{ bus: Bus; counters: SharedRedis["counters"] | null }> {
  if (redisUrl === undefined) return { bus: makeSoloBus(), counters: null };
  const { openRedis } = await import("./infra/redis.ts");
  return openRedis({ url: redisUrl, instanceId, logger });
}

/** Waits until Redis answers for the first time: an instance that starts deaf is more likely misconfigured. */
async function connected(bus: Bus): Promise<void> {
  const deadline = Date.now() + REDIS_PATIENCE_MS;
  for (;;) {
    try {
      await bus.ping();
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw new StartupError(
          `Redis at REDIS_URL cannot be reached: ${error instanceof Error ? error.message : "no answer"}.`,
          "Start Redis, correct REDIS_URL, or leave it out to run a single instance.",
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
