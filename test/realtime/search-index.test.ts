import pg from "pg";
import { describe, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { eventually } from "../kit/eventually.ts";
import { describeWith } from "../kit/needs.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { startServer } from "../kit/server.ts";
import { startCluster } from "./cluster.ts";

async function found(who: Actor, query: string): Promise<string[]> {
  const { searchMessages } = await who.query<{
    searchMessages: { edges: { node: { body: string } }[] };
  }>(`query($query: String!) { searchMessages(query: $query) { edges { node { body } } } }`, {
    query,
  });
  return searchMessages.edges.map(({ node }) => node.body);
}

/** Waits until the index includes the whole log. */
async function indexed(database: TestDatabase): Promise<void> {
  await eventually(
    async () => {
      const [row] = await database.query<{ behind: boolean }>(
        `SELECT s.position < h.position OR s."filledTo" IS NOT NULL AS behind FROM "SearchIndex" s, "LogHead" h`,
      );
      return row?.behind === false;
    },
    { what: "the index to follow the log", timeoutMs: 20_000 },
  );
}

async function entries(database: TestDatabase): Promise<string[]> {
  const rows = await database.query<{ body: string }>(
    `SELECT m.body FROM "MessageSearch" s JOIN "Message" m ON m.id = s."messageId" ORDER BY s.position`,
  );
  return rows.map(({ body }) => body);
}

describe("all messages are reindexed", () => {
  test.for<[string, string]>([
    ["when the version of the indexing rules has changed", `UPDATE "SearchIndex" SET version = 0`],
    [
      "when the log no longer contains the missing messages",
      `WITH gone AS (DELETE FROM "Event" WHERE position < (SELECT max(position) FROM "Event") - 1 RETURNING 1)
       UPDATE "SearchIndex" SET position = 0`,
    ],
    [
      "when an instance ended during reindexing",
      `UPDATE "SearchIndex" SET "filledTo" = '00000000-0000-0000-0000-000000000000'`,
    ],
  ])("%s", async ([, spoil]) => {
    const database = await createDatabase();
    const server = await startServer({ databaseUrl: database.url });
    const ada = seedOn(server).user("ada");
    const room = await ada.createsRoom("Library");
    const deleted = await ada.says(room, "word deleted");
    for (let n = 0; n < 5; n += 1) await ada.says(room, `word ${n}`);
    await ada.deletes(deleted);
    await indexed(database);
    await server.stop();
    await database.query(`DELETE FROM "MessageSearch"`);
    await database.query(`UPDATE "SearchIndex" SET "heldUntil" = NULL`);
    await database.query(spoil);
    await server.restart();
    const all = ["word 0", "word 1", "word 2", "word 3", "word 4"];
    await eventually(async () => (await entries(database)).join() === all.join(), {
      what: "all messages to be in the index",
      timeoutMs: 20_000,
    });
    expect(await found(ada, "word")).toEqual(all.toReversed());
  });
});

describeWith("redis-server", "two instances", () => {
  test("two instances index each message once, and one continues when the other is killed", async () => {
    const { database, a, b } = await startCluster();
    const ada = seedOn(a).user("ada");
    const room = await ada.createsRoom("Busy");
    const onSecond = ada.via(b);
    const said = Array.from({ length: 120 }, (_, n) => `said ${n}`);
    for (const [n, body] of said.entries()) {
      if (n === 60) await a.kill();
      await (n < 60 && n % 2 === 0 ? ada : onSecond).says(room, body);
      if (n % 20 === 0) expect(await found(onSecond, `"said ${n}"`)).toEqual([body]);
    }
    expect(await found(onSecond, '"said 119"')).toEqual(["said 119"]);
    await indexed(database);
    expect(await entries(database)).toEqual(said);
  });
});

test("a search that takes too long returns an error, and the next one works", async () => {
  const database = await createDatabase();
  const server = await startServer({
    databaseUrl: database.url,
    env: { SEARCH_TIMEOUT_SECONDS: "1" },
  });
  const ada = seedOn(server).user("ada");
  await ada.says(await ada.createsRoom("Slow"), "hello");
  await indexed(database);
  const holder = new pg.Client({ connectionString: database.url });
  onRelease(() => holder.end());
  await holder.connect();
  await holder.query(`BEGIN; LOCK TABLE "MessageSearch" IN ACCESS EXCLUSIVE MODE`);
  const asked = await ada.client();
  const { errors } = await asked.send(`{ searchMessages(query: "hello") { edges { cursor } } }`);
  expect(errors).toMatchObject([
    { extensions: { code: "SEARCH_TIMEOUT", retryAfterMs: expect.any(Number) } },
  ]);
  await holder.query("ROLLBACK");
  expect(await found(ada, "hello")).toEqual(["hello"]);
});
