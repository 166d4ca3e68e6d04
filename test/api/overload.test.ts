import pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import type { TestClient } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { eventually } from "../kit/eventually.ts";
import { metricOf } from "../kit/metrics.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { connect } from "../kit/socket.ts";

// Other files cover the other limits: messages.test.ts APPEND_QUEUE, and auth.test.ts password hashes.

/** A limit small enough that a test can exceed it by far. */
const AT_ONCE = 40;
const TRIES = 120;
const ROOMS = "{ rooms(first: 5) { edges { node { name } } } }";

let database: TestDatabase;
let server: TestServer;
let ada: TestClient;
let token: string;

beforeAll(async () => {
  database = await createDatabase();
  const env = { OPERATIONS_AT_ONCE: String(AT_ONCE) };
  server = await startServer({ databaseUrl: database.url, env });
  const actor = seedOn(server).user("ada");
  await actor.createsRoom("Room");
  ({ token } = await actor.signsUp());
  ada = await actor.client();
});

/** Locks a table that all operations need. Returns a function that releases it. */
async function holdUp(lock: string): Promise<() => Promise<void>> {
  const rival = new pg.Client({ connectionString: database.url });
  await rival.connect();
  onRelease(() => rival.end());
  await rival.query(`BEGIN; ${lock}`);
  return async () => {
    await rival.query("ROLLBACK");
  };
}

const running = (): Promise<number> => metricOf(server, "parley_operations");
const refused = (): Promise<number> => metricOf(server, "parley_refused_operations_total");

describe("beyond an instance's capacity", () => {
  test("operations are rejected immediately with a typed error, over HTTP and sockets", async () => {
    const socket = await connect(server, { token });
    const release = await holdUp(`LOCK TABLE "Room" IN ACCESS EXCLUSIVE MODE`);
    const before = await refused();
    const asked = Array.from({ length: AT_ONCE }, () => ada.send(ROOMS));
    await eventually(async () => expect(await running()).toBe(AT_ONCE));
    const began = performance.now();
    const late = await Promise.all(Array.from({ length: TRIES }, () => ada.send(ROOMS)));
    const overSocket = await socket.subscribe(ROOMS).ended;
    // None of them waited for the lock.
    expect(performance.now() - began).toBeLessThan(4_000);
    for (const { errors } of [...late, overSocket]) {
      expect(errors?.[0]?.extensions).toMatchObject({ code: "OVERLOADED", retryAfterMs: 1_000 });
    }
    expect(await refused()).toBe(before + TRIES + 1);
    // Open sockets stay open, and accepted operations complete.
    await release();
    for (const { errors } of await Promise.all(asked)) expect(errors).toEqual([]);
    await eventually(async () => expect(await running()).toBe(0));
    expect(await socket.execute(ROOMS)).not.toHaveProperty("errors");
    const warnings = server.output
      .split("\n")
      .filter((line) => line.includes("further ones are rejected"));
    expect(warnings).toHaveLength(1);
  });
});
