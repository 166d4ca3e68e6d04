import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { RateLimitedError } from "../kernel/errors.ts";
import { makeTokenBuckets, parseWindows, type TokenBuckets } from "./token-buckets.ts";

/**
 * Limits that all instances count together, through Redis: rare acts, and guesses at passwords. Each
 * slice declares its own by declaration merging, in its module.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- members are merged in
export interface SharedLimits {}

/** Limits that each instance counts alone: acts too frequent for a request to Redis. Declared likewise. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- members are merged in
export interface OwnLimits {}

export type SharedLimit = keyof SharedLimits;
export type OwnLimit = keyof OwnLimits;

/** A limit, and what is counted: a person's id, an address. */
export type Claim = readonly [limit: SharedLimit, key: string];

/** How often things may be done. A limit's windows are the setting `RATE_` and its name. */
export interface RateLimits {
  /** Counts one. @throws RateLimitedError */
  take(limit: SharedLimit, key: string): Promise<void>;
  /**
   * Counts one for each, or for none of them when one is used up; answers how to take it back, where
   * only failures count.
   *
   * @throws RateLimitedError
   */
  takeAll(claims: readonly Claim[]): Promise<() => Promise<void>>;
  /** Counts one on this instance, without waiting. @throws RateLimitedError */
  takeHere(limit: OwnLimit, key: string): void;
  close(): void;
}

export interface RateLimitsOptions {
  /** What all instances count in together; null where this one is alone. */
  redis: Redis | null;
  /** The setting of a limit, such as `50/10,1000/600`. */
  windows: (limit: SharedLimit | OwnLimit) => string;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/**
 * With Redis, all instances count together; while it is away, each counts by itself in memory, so
 * that limits stay on.
 */
export function makeRateLimits(options: RateLimitsOptions): RateLimits {
  const { redis } = options;
  type Limiter = RateLimiterMemory | RateLimiterRedis;
  const limiters = new Map<SharedLimit, Limiter[]>();
  const buckets = new Map<OwnLimit, TokenBuckets>();

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
  const bucketsOf = (limit: OwnLimit): TokenBuckets => {
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
    takeHere: (limit, key) => {
      const wait = bucketsOf(limit).take(key);
      if (wait > 0) throw new RateLimitedError(wait);
    },
    close: () => redis?.disconnect(),
  };
}

/** Names and addresses do not lie about in Redis, and a key has one length whatever it is made of. */
function hashed(key: string): string {
  return createHash("sha256").update(key).digest("base64url").slice(0, 22);
}
