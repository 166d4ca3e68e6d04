import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { describeWith } from "./needs.ts";
import { startRedis } from "./redis.ts";
import { onRelease } from "./resources.ts";

function connect(url: string): Redis {
  const redis = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  redis.on("error", () => undefined);
  onRelease(() => redis.disconnect());
  return redis;
}

describeWith("redis-server", "a test's own Redis", () => {
  test("two test Redis servers respond and are independent", async () => {
    const [one, other] = [await startRedis(), await startRedis()];
    await connect(one.url).set("key", "value");
    expect(await connect(one.url).get("key")).toBe("value");
    expect(await connect(other.url).get("key")).toBeNull();
  });

  test("a test Redis restarts on the same port after a stop and after a crash", async () => {
    const redis = await startRedis();
    const client = connect(redis.url);
    await client.set("key", "value");
    expect(await redis.stop()).toEqual({ code: 0, signal: null });
    await redis.start();
    expect(await client.get("key")).toBeNull();
    expect(await redis.kill()).toEqual({ code: null, signal: "SIGKILL" });
    await redis.start();
    expect(await client.ping()).toBe("PONG");
  });

  test("a paused test Redis does not respond, and can be stopped", async () => {
    const redis = await startRedis();
    const client = connect(redis.url);
    await client.ping();
    redis.pause();
    let answered = false;
    const pong = client.ping().then(() => (answered = true));
    await expect(eventually(() => answered, { timeoutMs: 200, what: "an answer" })).rejects.toThrow(
      "an answer did not hold within 200 ms",
    );
    redis.resume();
    await pong;
    redis.pause();
    expect((await redis.stop()).code).toBe(0);
  });
});
