import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { RateLimitedError } from "../kernel/errors.ts";
import { makeTokenBuckets, parseWindows, type TokenBuckets } from "./token-buckets.ts";

/** Counted for the whole deployment where Redis joins it: rare acts, and guesses at passwords. */
const SHARED = [
  "LOG_IN_TOTAL",
  "LOG_IN_ADDRESS",
  "LOG_IN_ACCOUNT",
  "LOG_IN_KNOWN",
  "SIGN_UP",
  "PASSWORD",
  "CREATE_ROOM",
  "OPEN_DIRECT",
  "FOLLOW",
  "PUBLISH",
  "INVITE",
  "REACT",
  "SCHEDULE",
  "UPLOAD",
  "REPORT",
  "SEARCH",
  "EXPORT",
] as const;

/** Counted by each instance for itself: what happens too often to ask Redis each time. */
const OWN = ["SEND", "DRAFT", "TYPING", "OPERATIONS"] as const;

export type SharedLimit = (typeof SHARED)[number];
export type OwnLimit = (typeof OWN)[number];

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
  const limiters = new Map<SharedLimit, Limiter[]>(
    SHARED.map((limit) => [
      limit,
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
      }),
    ]),
  );
  const buckets = new Map<OwnLimit, TokenBuckets>(
    OWN.map((limit) => [
      limit,
      makeTokenBuckets({ windows: parseWindows(options.windows(limit)), now: options.now }),
    ]),
  );

  const takeAll: RateLimits["takeAll"] = async (claims) => {
    const taken: { limiter: Limiter; key: string }[] = [];
    const giveBack = async (): Promise<void> => {
      await Promise.all(taken.map(({ limiter, key }) => limiter.reward(key)));
    };
    for (const [limit, plain] of claims) {
      const key = hashed(plain);
      for (const limiter of limiters.get(limit) ?? []) {
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
      const wait = buckets.get(limit)?.take(key) ?? 0;
      if (wait > 0) throw new RateLimitedError(wait);
    },
    close: () => redis?.disconnect(),
  };
}

/** Names and addresses do not lie about in Redis, and a key has one length whatever it is made of. */
function hashed(key: string): string {
  return createHash("sha256").update(key).digest("base64url").slice(0, 22);
}
