import { beforeAll, expect, test } from "vitest";
import { client } from "../kit/client.ts";
import { LOG_IN, type TypedError } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { timesLogged, warningsOf } from "../kit/log-lines.ts";
import { describeWith } from "../kit/needs.ts";
import type { TestServer } from "../kit/server.ts";
import { startCluster, type Cluster } from "./cluster.ts";

const BUDGET = 4;

describeWith("redis-server", "limits of two instances", () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster({
      RATE_LIMITS: "true",
      RATE_LOG_IN_ACCOUNT: `${BUDGET}/600`,
      RATE_LOG_IN_ADDRESS: "0",
      RATE_LOG_IN_TOTAL: "0",
    });
  });

  const guess = async (on: TestServer, username: string): Promise<string> => {
    const input = { username, password: "wrong" };
    return (await client(on).mutate<TypedError>(LOG_IN, { input })).code;
  };

  /** Guesses on the instances in turn until one is rejected. Returns the number of accepted ones. */
  const guesses = async (on: readonly TestServer[], username: string): Promise<number> => {
    for (let accepted = 0; accepted <= 3 * BUDGET; accepted += 1) {
      const instance = on[accepted % on.length];
      if (instance === undefined) throw new Error("no instance");
      if ((await guess(instance, username)) === "RATE_LIMITED") return accepted;
    }
    throw new Error("there is no limit");
  };

  test("rate limits are shared by all instances through Redis", async () => {
    expect(await guesses([cluster.a, cluster.b], "one")).toBe(BUDGET);
    for (const instance of cluster.instances)
      expect(await guess(instance, "one")).toBe("RATE_LIMITED");
    const names = JSON.stringify(await redisKeys(cluster));
    expect(names).toContain("parley:rate:LOG_IN_ACCOUNT");
  });

  test("rate limits stay active when Redis freezes", async () => {
    cluster.redis.pause();
    expect(await guesses([cluster.a], "frozen")).toBe(BUDGET);
    cluster.redis.resume();
    await eventually(async () =>
      expect(await guesses(cluster.instances, `thaw-${Math.random()}`)).toBe(BUDGET),
    );
  });

  test("rate limits stay active when Redis dies, and are shared again after its restart", async () => {
    expect(await guess(cluster.a, "two")).toBe("INVALID_CREDENTIALS");
    const logCounts = (): number[] =>
      cluster.instances.flatMap((instance) => [
        timesLogged(instance, "Redis is away"),
        warningsOf(instance).length,
      ]);
    const before = logCounts();
    await cluster.redis.kill();
    // Each instance now counts separately.
    expect(await guesses([cluster.a], "two")).toBe(BUDGET);
    expect(await guesses([cluster.b], "two")).toBe(BUDGET);
    // Every log-in needs Redis, but the log has one line.
    for (const username of ["three", "four", "five"])
      for (const instance of cluster.instances) await guesses([instance], username);
    await eventually(() => expect(logCounts()).toEqual(before.map((count) => count + 1)));
    await cluster.redis.start();
    await eventually(async () =>
      expect(await guesses(cluster.instances, `back-${Math.random()}`)).toBe(BUDGET),
    );
  });
});

async function redisKeys(cluster: Cluster): Promise<string[]> {
  const { Redis } = await import("ioredis");
  const redis = new Redis(cluster.redis.url);
  try {
    return await redis.keys("*");
  } finally {
    redis.disconnect();
  }
}
