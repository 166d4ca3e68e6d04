import { Redis } from "ioredis";
import type { Logger } from "../kernel/logger.ts";
import type { Bus } from "./bus/bus.ts";
import { makeRedisBus } from "./bus/redis-bus.ts";

/** Longest that anybody waits for Redis to count before this instance counts by itself, in milliseconds. */
const PATIENCE_MS = 250;
const MAX_RECONNECT_DELAY_MS = 1_000;

/** What several instances have in common besides the database. */
export interface SharedRedis {
  bus: Bus;
  /** What limits are counted in. */
  counters: Redis;
}

export interface RedisOptions {
  /** A redis:// or rediss:// URL. */
  url: string;
  /** Distinguishes own messages from other instances' messages. */
  instanceId: string;
  logger: Logger;
}

/**
 * A module of its own, which an instance that is alone does not load.
 */
export function openRedis({ url, instanceId, logger }: RedisOptions): SharedRedis {
  return { bus: makeRedisBus({ url, instanceId, logger }), counters: connectCounters(url) };
}

function connectCounters(url: string): Redis {
  const redis = new Redis(url, {
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 6), MAX_RECONNECT_DELAY_MS),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: PATIENCE_MS,
    // A frozen Redis is left after one wait: it is not ready again before it has answered.
    socketTimeout: 2 * PATIENCE_MS,
  });
  // The bus tells the operator; here the insurance steps in.
  redis.on("error", () => undefined);
  return redis;
}
