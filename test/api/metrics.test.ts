import { get } from "node:http";
import { expect, test } from "vitest";
import { createDatabase } from "../kit/database.ts";
import { metricOf } from "../kit/metrics.ts";
import { startServer, type TestServer } from "../kit/server.ts";

test("metrics require the token, or a local client if no token is set", async () => {
  const { url: databaseUrl } = await createDatabase();
  const token = "a token for figures";
  const [open, closed] = await Promise.all([
    startServer({ databaseUrl }),
    startServer({ databaseUrl, env: { METRICS_TOKEN: token } }),
  ]);
  /** `fetch` does not allow a custom Host. */
  const status = (server: TestServer, headers: Record<string, string> = {}) =>
    new Promise<number | undefined>((resolve, reject) => {
      get(`${server.url}/metrics`, { headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).on("error", reject);
    });
  expect(await status(open)).toBe(200);
  expect(await status(open, { "x-forwarded-for": "192.0.2.1" })).toBe(404);
  // A browser page whose host name resolves to this machine is not a local client.
  expect(await status(open, { host: "rebound.example.org" })).toBe(404);
  expect(await status(open, { host: "localhost.example.org:4000" })).toBe(404);
  expect(await status(open, { host: "localhost:4000" })).toBe(200);
  expect(await status(closed)).toBe(404);
  expect(await status(closed, { authorization: "Bearer another" })).toBe(404);
  expect(await status(closed, { authorization: `Bearer ${token}` })).toBe(200);
  expect(await metricOf(open, "parley_postgres_up")).toBe(1);
  expect(await metricOf(open, "parley_sockets")).toBe(0);
  expect(await metricOf(open, "process_resident_memory_bytes")).toBeGreaterThan(1_000_000);
});
