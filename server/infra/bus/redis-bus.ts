import { RedisPubSub } from "graphql-redis-subscriptions";
import { Redis, type RedisOptions } from "ioredis";
import type { Logger } from "../../kernel/logger.ts";
import type { Bus } from "./bus.ts";

const MAX_RECONNECT_DELAY_MS = 1_000;
const PING_TIMEOUT_MS = 2_000;
/** Longest time that publications wait unanswered before Redis counts as frozen, in milliseconds. */
const STALL_MS = 1_000;

/**
 * A bus over Redis pub/sub.
 *
 * @param url        redis:// or rediss://
 * @param instanceId tells our own messages from those of others without parsing them
 */
export function makeRedisBus(url: string, instanceId: string, logger: Logger): Bus {
  const options: RedisOptions = {
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 6), MAX_RECONNECT_DELAY_MS),
    // The log repairs what the bus loses, so nothing is worth queueing for a Redis that is away.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: PING_TIMEOUT_MS,
    lazyConnect: false,
  };
  const publisher = new Redis(url, options);
  const subscriber = new Redis(url, {
    ...options,
    enableOfflineQueue: true,
    autoResubscribe: true,
    maxRetriesPerRequest: null,
  });
  // Until the first answer it is for whoever starts the instance to say that Redis is missing.
  let state: "starting" | "up" | "down" = "starting";
  const down = (error: Error): void => {
    if (state !== "up") return;
    state = "down";
    const reason = error.message;
    logger.warn({ reason }, "Redis is away; instances follow the log through PostgreSQL");
  };
  const up = (): void => {
    if (state === "down") logger.info("Redis is back");
    state = "up";
  };
  let interruptions = 0;
  for (const client of [publisher, subscriber]) {
    client.on("error", down);
    client.on("close", () => {
      interruptions += 1;
    });
  }
  publisher.on("ready", up);

  const prefix = `${instanceId} `;
  const pubSub = new RedisPubSub({
    publisher,
    subscriber,
    serializer: (message: string) => prefix + message,
    deserializer: (message: string | Buffer) => message.toString(),
  });
  let oldestUnanswered: number | null = null;
  let unanswered = 0;
  const stalled = (): boolean =>
    oldestUnanswered !== null && Date.now() - oldestUnanswered > STALL_MS;

  return {
    shared: true,
    get healthy() {
      return publisher.status === "ready" && subscriber.status === "ready" && !stalled();
    },
    get interruptions() {
      return interruptions;
    },
    publish: (channel, message) => {
      // A frozen Redis answers nothing; what is sent to it would only pile up here.
      if (publisher.status !== "ready" || stalled()) return;
      unanswered += 1;
      oldestUnanswered ??= Date.now();
      pubSub
        .publish(channel, message)
        .catch(down)
        .finally(() => {
          unanswered -= 1;
          oldestUnanswered = unanswered === 0 ? null : Date.now();
        });
    },
    subscribe: async (channel, listener) => {
      await pubSub.subscribe(channel, (message: string) => {
        if (!message.startsWith(prefix)) listener(message.slice(message.indexOf(" ") + 1));
      });
    },
    ping: async () => {
      if (publisher.status !== "ready") throw new Error(`Redis connection is ${publisher.status}`);
      await withTimeout(publisher.ping(), PING_TIMEOUT_MS);
    },
    close: () => {
      publisher.disconnect();
      subscriber.disconnect();
      return Promise.resolve();
    },
  };
}

async function withTimeout<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${String(milliseconds)} ms`));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
