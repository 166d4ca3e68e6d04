import { RedisPubSub } from "graphql-redis-subscriptions";
import { Redis, type RedisOptions } from "ioredis";
import type { Logger } from "../../kernel/logger.ts";
import type { Bus } from "./bus.ts";

const MAX_RECONNECT_DELAY_MS = 1_000;
const PING_TIMEOUT_MS = 2_000;
/** Time without a response after which Redis counts as frozen, in milliseconds. */
const STALL_MS = 1_000;
/** Time without a response after which the connection is replaced, in milliseconds. */
const GIVE_UP_MS = 10_000;
/**
 * Interval of pings, which also detect a frozen Redis on a connection that only listens, in milliseconds.
 */
const PING_INTERVAL_MS = 500;

export interface RedisBusOptions {
  /** A redis:// or rediss:// URL. */
  url: string;
  /** Distinguishes own messages from other instances' messages without parsing them. */
  instanceId: string;
  logger: Logger;
}

/**
 * A bus over Redis pub/sub.
 */
export function makeRedisBus({ url, instanceId, logger }: RedisBusOptions): Bus {
  const options: RedisOptions = {
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 6), MAX_RECONNECT_DELAY_MS),
    // The log repairs losses of the bus, so queueing for an unreachable Redis is pointless.
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
  // Before the first response, the startup code reports a missing Redis.
  let state: "starting" | "up" | "down" = "starting";
  let outages = 0;
  const down = (error: Error): void => {
    if (state !== "up") return;
    state = "down";
    outages += 1;
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

  const prefix = `${instanceId} `;
  const pubSub = new RedisPubSub({
    publisher,
    subscriber,
    serializer: (message: string) => prefix + message,
    deserializer: (message: string | Buffer) => message.toString(),
  });
  const published = makeWait(publisher);
  const waits = [
    { client: publisher, wait: published },
    { client: subscriber, wait: makeWait(subscriber) },
  ];
  const stalledFor = (): number => Math.max(...waits.map(({ wait }) => wait.stalledFor()));
  const isOpen = (): boolean => waits.every(({ client }) => client.status === "ready");
  const sendPing = (): void => {
    if (stalledFor() > STALL_MS) down(new Error("it does not respond"));
    for (const { client, wait } of waits) {
      // Without this, commands on a dead connection would wait much longer.
      if (wait.stalledFor() > GIVE_UP_MS) client.disconnect(true);
      else if (client.status === "ready" && wait.stalledFor() === 0)
        wait.for(client.ping()).then(() => {
          if (isOpen()) up();
        }, down);
    }
  };
  // Deferred behind arrived data: if this process was blocked, the responses are already in the queue.
  const pinging = setInterval(() => setImmediate(sendPing), PING_INTERVAL_MS);
  pinging.unref();

  return {
    shared: true,
    get healthy() {
      return isOpen() && stalledFor() <= STALL_MS;
    },
    get interruptions() {
      return interruptions;
    },
    get outages() {
      return outages;
    },
    publish: (channel, message) => {
      // Commands to a frozen Redis would only pile up here.
      if (publisher.status !== "ready" || published.stalledFor() > STALL_MS) return;
      published.for(pubSub.publish(channel, message)).catch(down);
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
      clearInterval(pinging);
      publisher.disconnect();
      subscriber.disconnect();
      return Promise.resolve();
    },
  };
}

/** Commands on one connection that have no response yet. */
interface Wait {
  /** Tracks a response and returns it. */
  for<T>(response: Promise<T>): Promise<T>;
  /** How long a command has waited without any response, in milliseconds. */
  stalledFor(): number;
}

/**
 * Tracks responses. Commands on a closed connection no longer count, because ioredis may never settle
 * them.
 */
function makeWait(client: Redis): Wait {
  let since: number | null = null;
  let pending = new Set<Promise<unknown>>();
  client.on("close", () => {
    since = null;
    pending = new Set();
  });
  return {
    for: (response) => {
      pending.add(response);
      since ??= Date.now();
      return response.finally(() => {
        if (pending.delete(response)) since = pending.size === 0 ? null : Date.now();
      });
    },
    stalledFor: () => (since === null ? 0 : Date.now() - since),
  };
}

async function withTimeout<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no response within ${String(milliseconds)} ms`));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
