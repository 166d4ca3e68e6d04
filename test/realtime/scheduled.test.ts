import { beforeAll, expect, test } from "vitest";
import { eventually } from "../kit/eventually.ts";
import { describeWith } from "../kit/needs.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { createDatabase } from "../kit/database.ts";
import type { Room } from "../kit/documents.ts";
import { makeDue } from "../kit/due.ts";
import { startCluster, type Cluster } from "./cluster.ts";

/** Longer than an instance's claim lasts, in milliseconds. */
const TAKE_OVER_MS = 20_000;
const HOUR_MS = 3_600_000;

const texts = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix} ${n}`);

describeWith("redis-server", "scheduled messages on two instances", () => {
  let cluster: Cluster;
  let ada: Actor;
  let room: Room;

  beforeAll(async () => {
    cluster = await startCluster();
    ada = seedOn(cluster.a).user("ada");
    room = await ada.createsRoom("Later");
  });

  /** Counts the messages for each text with a prefix. */
  async function said(prefix: string): Promise<Map<string, number>> {
    const rows = await cluster.database.query<{ body: string; count: number }>(
      `SELECT body, count(*)::int AS count FROM "Message" WHERE body LIKE $1 GROUP BY 1`,
      [`${prefix}%`],
    );
    return new Map(rows.map(({ body, count }) => [body, count]));
  }

  const left = async (): Promise<number> =>
    (await cluster.database.query(`SELECT id FROM "ScheduledMessage"`)).length;

  test("scheduled messages of both instances are sent once each, in one order for all", async () => {
    const stream = await ada.via(cluster.b).listens();
    await Promise.all(
      texts("both", 40).map((text, n) =>
        ada.via(n % 2 === 0 ? cluster.a : cluster.b).schedules(room, text, HOUR_MS),
      ),
    );
    await makeDue(cluster.database, texts("both", 40), ada, room);
    await eventually(async () => expect(await left()).toBe(0), { timeoutMs: TAKE_OVER_MS });
    const all = await said("both");
    expect([all.size, Math.max(...all.values())]).toEqual([40, 1]);
    const received = (): string[] =>
      stream.all.flatMap((event) =>
        event.__typename === "MessageSent" && event.message.body.startsWith("both")
          ? event.message.id
          : [],
      );
    await eventually(() => expect(received()).toHaveLength(40));
    expect(new Set(received()).size).toBe(40);
  });

  test("scheduled messages are sent once each when an instance crashes midway", async () => {
    await Promise.all(texts("killed", 60).map((text) => ada.schedules(room, text, HOUR_MS)));
    // Ensures that the crashing instance has claimed the messages.
    cluster.b.pause();
    await makeDue(cluster.database, texts("killed", 60), ada, room);
    await eventually(async () => expect((await said("killed")).size).toBeGreaterThan(5), {
      intervalMs: 1,
    });
    await cluster.a.kill();
    cluster.b.resume();
    expect(await left()).toBeGreaterThan(0);
    await eventually(async () => expect(await left()).toBe(0), { timeoutMs: TAKE_OVER_MS });
    const all = await said("killed");
    expect([all.size, Math.max(...all.values())]).toEqual([60, 1]);
    await cluster.a.restart();
  });
});

test("scheduled messages that became due while no instance ran are sent in order at the next start", async () => {
  const database = await createDatabase();
  const server: TestServer = await startServer({ databaseUrl: database.url });
  const ada = seedOn(server).user("ada");
  const room = await ada.createsRoom("Asleep");
  for (const body of ["second", "third", "first"]) await ada.schedules(room, body, HOUR_MS);
  await server.kill();
  // No instance is running that could be notified.
  await database.query(
    `UPDATE "ScheduledMessage" s SET "sendAt" = due.at, "dueAt" = due.at
     FROM (VALUES ('first', now() - interval '3 hours'), ('second', now() - interval '2 hours'),
                  ('third', now() - interval '1 hour')) AS due (body, at)
     WHERE s.body = due.body`,
  );
  await server.restart();
  const bodies = async (): Promise<string[]> =>
    (
      await database.query<{ body: string }>(
        `SELECT body FROM "Message" WHERE body <> '' ORDER BY seq`,
      )
    ).map(({ body }) => body);
  await eventually(async () => expect(await bodies()).toEqual(["first", "second", "third"]), {
    timeoutMs: 15_000,
  });
});
