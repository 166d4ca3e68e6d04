import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { RateLimitedError } from "../kernel/errors.ts";
import { makeTokenBuckets, parseWindows, type TokenBuckets } from "./token-buckets.ts";

/**
 * Limits that all instances count together, through Redis: rare actions and password attempts. Each slice
 * declares its own by declaration merging, in its module.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- members are merged in
export interface SharedLimits {}

/**
 * Limits that each instance counts alone: actions too frequent for a request to Redis. Slices declare them in
 * the same way.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- members are merged in
export interface LocalLimits {}

export type SharedLimit = keyof SharedLimits;
export type LocalLimit = keyof LocalLimits;

/** A limit and its key, such as a user id or an address. */
export type Claim = readonly [limit: SharedLimit, key: string];

/** Rate limits. The setting `RATE_<name>` defines the windows of a limit. */
export interface RateLimits {
  /** Counts one action. @throws RateLimitedError */
  take(limit: SharedLimit, key: string): Promise<void>;
  /**
   * Counts one action against each limit, or against none if one is used up. Returns a function that
   * reverts the count, for limits that count only failures.
   *
   * @throws RateLimitedError
   */
  takeAll(claims: readonly Claim[]): Promise<() => Promise<void>>;
  /** Counts one action on this instance, synchronously. @throws RateLimitedError */
  takeLocal(limit: LocalLimit, key: string): void;
  close(): void;
}

export interface RateLimitsOptions {
  /** Counters that all instances share; null for a single instance. */
  redis: Redis | null;
  /** Returns the setting of a limit, such as `50/10,1000/600`. */
  windows: (limit: SharedLimit | LocalLimit) => string;
  /** Milliseconds since the Unix epoch. */
  now: () => number;
}

/**
 * Creates the rate limits. With Redis, all instances count together. While Redis is away, each instance
 * counts in memory, so limits remain active.
 */
export function makeRateLimits(options: RateLimitsOptions): RateLimits {
  const { redis } = options;
  type Limiter = RateLimiterMemory | RateLimiterRedis;
  const limiters = new Map<SharedLimit, Limiter[]>();
  const buckets = new Map<LocalLimit, TokenBuckets>();

  const limitersOf = (limit: SharedLimit): Limiter[] => {
    let found = limiters.get(limit);
    if (found === undefined) limiters.set(limit, (found = makeLimiters(limit)));
    return found;
  };
  const makeLimiters = (limit: SharedLimit): Limiter[] =>
    parseWindows(options.windows(limit)).map(({ count, seconds }) => {
      const common = {
        keyPrefix: `parley:rate:${limit}:${String(count)}/${String(seconds)}`,
        points: count,
        duration: seconds,
      };
      const memory = new RateLimiterMemory(common);
      if (redis === null) return memory;
      return new RateLimiterRedis({
        ...common,
        storeClient: redis,
        insuranceLimiter: memory,
        rejectIfRedisNotReady: true,
      });
    });
  const bucketsOf = (limit: LocalLimit): TokenBuckets => {
    let found = buckets.get(limit);
    if (found === undefined) {
      const windows = parseWindows(options.windows(limit));
      buckets.set(limit, (found = makeTokenBuckets({ windows, now: options.now })));
    }
    return found;
  };

  const takeAll: RateLimits["takeAll"] = async (claims) => {
    const taken: { limiter: Limiter; key: string }[] = [];
    const giveBack = async (): Promise<void> => {
      await Promise.all(taken.map(({ limiter, key }) => limiter.reward(key)));
    };
    for (const [limit, plain] of claims) {
      const key = hashed(plain);
      for (const limiter of limitersOf(limit)) {
        try {
          await limiter.consume(key);
        } catch (refusal) {
          await giveBack();
          if (refusal instanceof RateLimiterRes) throw new RateLimitedError(refusal.msBeforeNext);
          throw refusal;
        }
        taken.push({ limiter, key });
      }
    }
    return giveBack;
  };

  return {
    takeAll,
    take: async (limit, key) => {
      await takeAll([[limit, key]]);
    },
    takeLocal: (limit, key) => {
      const wait = bucketsOf(limit).take(key);
      if (wait > 0) throw new RateLimitedError(wait);
    },
    close: () => redis?.disconnect(),
  };
}

/** Hashes a key, so that Redis holds no names or addresses and all keys have equal length. */
function hashed(key: string): string {
  return createHash("sha256").update(key).digest("base64url").slice(0, 22);
}
