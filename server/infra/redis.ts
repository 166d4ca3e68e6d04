import { Redis } from "ioredis";
import type { Logger } from "../kernel/logger.ts";
import type { Bus } from "./bus/bus.ts";
import { makeRedisBus } from "./bus/redis-bus.ts";

/** Maximum time to wait for Redis before this instance counts alone, in milliseconds. */
const TIMEOUT_MS = 250;
const MAX_RECONNECT_DELAY_MS = 1_000;

/** State that instances share besides the database. */
export interface SharedRedis {
  bus: Bus;
  /** The counters of rate limits. */
  counters: Redis;
}

export interface RedisOptions {
  /** A redis:// or rediss:// URL. */
  url: string;
  /** Distinguishes own messages from other instances' messages. */
  instanceId: string;
  logger: Logger;
}

/** Connects to Redis. A separate module, so that a single instance does not load the client. */
export function openRedis({ url, instanceId, logger }: RedisOptions): SharedRedis {
  return { bus: makeRedisBus({ url, instanceId, logger }), counters: connectCounters(url) };
}

function connectCounters(url: string): Redis {
  const redis = new Redis(url, {
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 6), MAX_RECONNECT_DELAY_MS),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: TIMEOUT_MS,
    // A frozen Redis is dropped after one wait; it becomes ready again only after it has responded.
    socketTimeout: 2 * TIMEOUT_MS,
  });
  // The bus logs the outage; here the in-memory fallback takes over.
  redis.on("error", () => undefined);
  return redis;
}
