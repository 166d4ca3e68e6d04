import { readFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { beforeAll, describe, expect, test } from "vitest";
import { client, PASSWORD, type TestClient } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { eventually } from "../kit/eventually.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { REPORT, REQUEST_EXPORT } from "../kit/trust-documents.ts";

interface Line {
  type: string;
  [field: string]: unknown;
}

let database: TestDatabase;
let server: TestServer;
let seed: Seed;
let ada: Actor;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({
    databaseUrl: database.url,
    // About 40 MB more than it needs: a buffered export would not fit.
    env: { NODE_OPTIONS: "--max-old-space-size=136" },
  });
  seed = seedOn(server);
  ada = seed.user("ada");
});

const uuidOf = (globalId: string): string =>
  Buffer.from(globalId, "base64").toString().split(":")[1] ?? "";

async function ticket(person: Actor, password = PASSWORD): Promise<string> {
  const outcome = await person.mutate<{ __typename: string; path?: string; code?: string }>(
    REQUEST_EXPORT,
    { input: { password } },
  );
  return outcome.path ?? outcome.code ?? "";
}

const parse = (text: string): Line[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

/** Requests a path without a session. */
const fetchIt = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(new URL(path, server.url), init);

/** Opens the export and pauses before reading it. */
const openIt = (path: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(new URL(path, server.url), { agent: false }, resolve).once("error", reject);
  });

/** Inserts messages of about 4 KB into the database directly. */
async function fill(person: Actor, count: number): Promise<void> {
  const room = await person.createsRoom(`Full of ${person.username}`);
  await database.query(
    `INSERT INTO "Message" (id, "conversationId", seq, position, "authorId", "clientId", body)
     SELECT gen_random_uuid(), $1, n, 0, $2, gen_random_uuid(), repeat(md5(n::text), 128) || n
     FROM generate_series(1, $3::int) n`,
    [uuidOf(room.id), uuidOf((await person.signsUp()).user.id), count],
  );
}

describe("the export", () => {
  let lines: Line[];
  let response: Response;
  const of = (type: string): Line[] => lines.filter((line) => line.type === type);

  beforeAll(async () => {
    const bob = seed.user("bob");
    const room = await ada.createsRoom("Ada's", { visibility: "PUBLIC" });
    await bob.joins(room);
    const message = await ada.says(room, "first thoughts");
    await ada.edits(message, "second thoughts");
    await ada.says(room, "an answer", { replyToId: message.id });
    const gone = await ada.says(room, "taken back");
    await ada.deletes(gone);
    const others = await bob.says(room, "what bob thinks");
    await ada.reacts(others, "🎉");
    await bob.reacts(message, "👀");
    const input = { messageId: others.id, reason: "OTHER", comment: "hm" };
    await ada.mutate(REPORT, { input });
    await ada.follows(bob);
    await bob.follows(ada);
    await ada.mutes(bob);
    await ada.blocks(seed.user("carl"));
    await ada.publishes("to everybody");
    await ada.deletesPost((await ada.publishes("no, not this")).post);
    await bob.publishes("what bob publishes");
    await ada.says(await ada.opensDirect(), "a note to oneself");
    await ada.drafts(room, "half a thought");
    await ada.schedules(room, "a thought for later", 3_600_000);
    await bob.drafts(room, "bobbing");
    await client(server).logIn("ada");
    response = await fetchIt(await ticket(ada));
    lines = parse(await response.text());
  });

  test("is a download of JSON lines that caches do not store", () => {
    const header = (name: string): string | null => response.headers.get(name);
    expect(response.status).toBe(200);
    expect(header("content-type")).toBe("application/x-ndjson; charset=utf-8");
    expect(header("content-disposition")).toBe('attachment; filename="parley-export.ndjson"');
    expect(header("cache-control")).toBe("no-store");
    expect(header("x-content-type-options")).toBe("nosniff");
  });

  test("starts with a header and ends with counts", async () => {
    const { user } = await ada.signsUp();
    expect(lines[0]).toMatchObject({ type: "export", version: 1, userId: uuidOf(user.id) });
    const counts: Record<string, number> = {};
    for (const { type } of lines.slice(1, -1)) counts[type] = (counts[type] ?? 0) + 1;
    expect(lines.at(-1)).toEqual({
      type: "end",
      counts: {
        profile: 1,
        session: 2,
        membership: 3,
        message: 4,
        file: 0,
        reaction: 1,
        draft: 1,
        scheduledMessage: 1,
        report: 1,
        presence: expect.any(Number),
        following: 1,
        mute: 1,
        block: 1,
        post: 1,
        act: counts["act"],
      },
    });
    expect(counts["act"]).toBeGreaterThanOrEqual(4);
  });

  test("contains all of the user's data", async () => {
    expect(of("profile")).toMatchObject([{ username: "ada", displayName: "ada" }]);
    expect(of("session").map(({ device }) => device)).toEqual(["test", "test"]);
    expect(
      of("membership")
        .map(({ name, role }) => [name, role])
        .sort(),
    ).toEqual([
      [null, "MEMBER"],
      ["Ada's", "OWNER"],
      ["Lobby", "MEMBER"],
    ]);
    expect(
      of("message")
        .map(({ body }) => body)
        .sort(),
    ).toEqual(["", "a note to oneself", "an answer", "second thoughts"]);
    expect(of("message").find(({ body }) => body === "second thoughts")?.["edits"]).toMatchObject([
      { body: "first thoughts" },
    ]);
    expect(of("reaction")).toMatchObject([{ emoji: "🎉" }]);
    const bob = (await seed.user("bob").signsUp()).user.id;
    expect(of("following")).toEqual([{ type: "following", userId: uuidOf(bob) }]);
    expect(of("mute")).toEqual([{ type: "mute", userId: uuidOf(bob) }]);
    expect(of("block")).toHaveLength(1);
    expect(of("post")).toMatchObject([{ body: "to everybody" }]);
    expect(of("draft")).toMatchObject([{ body: "half a thought" }]);
    expect(of("scheduledMessage")).toMatchObject([{ body: "a thought for later" }]);
    expect(of("report")).toMatchObject([{ reason: "OTHER", comment: "hm" }]);
    expect(of("act").map(({ action }) => action)).toContain("SIGNED_UP");
  });

  test("contains neither data of others nor secrets", async () => {
    const text = JSON.stringify(lines);
    expect(text).not.toContain("bob");
    expect(text).not.toContain("👀");
    expect(text).not.toMatch(/hash/i);
    expect(text).not.toContain((await ada.signsUp()).token);
  });
});

describe("an export ticket", () => {
  test("requires the password", async () => {
    expect(await ticket(ada, "wrong")).toBe("INVALID_CREDENTIALS");
  });

  test("is valid once, without a session", async () => {
    const path = await ticket(ada);
    const statuses = await Promise.all([fetchIt(path), fetchIt(path)]);
    expect(statuses.map(({ status }) => status).sort()).toEqual([200, 404]);
    expect((await fetchIt(path)).status).toBe(404);
    await Promise.all(statuses.map((answer) => answer.text()));
  });

  test("is not consumed by a request with another method", async () => {
    const path = await ticket(ada);
    for (const method of ["HEAD", "POST", "OPTIONS"])
      expect((await fetchIt(path, { method })).status).toBe(405);
    const answer = await fetchIt(path);
    expect(answer.status).toBe(200);
    await answer.text();
  });

  test("expires, and is valid only in its exact form", async () => {
    const path = await ticket(ada);
    await database.query(`UPDATE "ExportTicket" SET "expiresAt" = now()`);
    expect((await fetchIt(path)).status).toBe(404);
    for (const bad of ["/export/", "/export/x", "/export/%00", `/export/${"a".repeat(5_000)}`])
      expect((await fetchIt(bad)).status, bad.slice(0, 20)).toBe(404);
    expect(await database.query(`SELECT * FROM "ExportTicket"`)).toEqual([]);
  });

  test("is stored as a hash, and its use is recorded", async () => {
    const path = await ticket(ada);
    const rows = await database.query(
      `SELECT encode("tokenHash", 'escape') AS hash FROM "ExportTicket"`,
    );
    expect(JSON.stringify(rows)).not.toContain(path.slice("/export/".length));
    await (await fetchIt(path)).text();
    const acts = await database.query<{ step: string }>(
      `SELECT details ->> 'step' AS step FROM "AuditEntry" WHERE action = 'DATA_EXPORTED' ORDER BY at DESC LIMIT 2`,
    );
    expect(acts.map(({ step }) => step)).toEqual(["fetched", "requested"]);
  });

  test("has a rate limit", async () => {
    const limited = await startServer({
      databaseUrl: database.url,
      env: { RATE_LIMITS: "true", RATE_EXPORT: "1/600" },
    });
    const there = ada.via(limited);
    expect(await ticket(there)).toMatch(/^\/export\//);
    expect(await ticket(there)).toBe("RATE_LIMITED");
    await limited.stop();
  });
});

describe("a large export", () => {
  const COUNT = 12_000;
  let big: Actor;
  const rss = async (): Promise<number> => {
    const status = await readFile(`/proc/${server.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
  };

  beforeAll(async () => {
    big = seed.user("big");
    await fill(big, COUNT);
  });

  test("is complete, from one snapshot, and uses no more memory than a small one", async () => {
    // A first export warms up the process, so that the measurement excludes it.
    await (await fetchIt(await ticket(big))).text();
    const response = await openIt(await ticket(big));
    const before = await rss();
    let rest = "";
    let messages = 0;
    let last = "";
    let most = 0;
    let changed = false;
    let changes = 0;
    response.setEncoding("utf8");
    for await (const chunk of response as AsyncIterable<string>) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) {
        if (part.startsWith('{"type":"message"')) messages += 1;
        if (part.includes("changed meanwhile")) changes += 1;
        last = part;
      }
      if (!changed && messages > 100) {
        changed = true;
        await database.query(`UPDATE "Message" SET body = 'changed meanwhile' WHERE seq > $1`, [
          COUNT / 2,
        ]);
      }
      if (messages % 2_000 < 10) most = Math.max(most, await rss());
    }
    expect(rest).toBe("");
    expect({ messages, changed, changes }).toEqual({ messages: COUNT, changed: true, changes: 0 });
    expect(JSON.parse(last)).toMatchObject({ type: "end", counts: { message: COUNT } });
    // 48 MB passed through, which would not fit into the heap; external memory did not grow either.
    expect(most - before).toBeLessThan(48);
  });

  test("waits for a slow reader, and releases everything when the reader disconnects", async () => {
    const paths = [await ticket(big), await ticket(big), await ticket(big)] as const;
    const slow = await Promise.all([openIt(paths[0]), openIt(paths[1])]);
    for (const response of slow) {
      expect(response.statusCode).toBe(200);
      response.pause();
    }
    const refused = await fetchIt(paths[2]);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "10"]);
    const before = await rss();
    // Other operations are served meanwhile.
    for (let i = 0; i < 20; i += 1) await ada.query("{ viewer { user { id } } }");
    expect((await rss()) - before).toBeLessThan(32);
    for (const response of slow) response.destroy();
    const answer = await eventually(async () => {
      const again = await fetchIt(paths[2]);
      return again.status === 200 ? again : false;
    });
    const text = await answer.text();
    expect(text).toContain("changed meanwhile");
    expect(parse(text.slice(text.lastIndexOf("\n", text.length - 2) + 1))).toMatchObject([
      { type: "end", counts: { message: COUNT } },
    ]);
  });

  test("reads its messages through an index", async () => {
    await database.query("ANALYZE");
    const plan = await database.query(
      `EXPLAIN SELECT id, "clientId" FROM "Message"
       WHERE "authorId" = $1 AND kind = 'TEXT' AND "clientId" > $2 ORDER BY "clientId" LIMIT 200`,
      [uuidOf((await ada.signsUp()).user.id), "00000000-0000-0000-0000-000000000000"],
    );
    expect(JSON.stringify(plan)).not.toContain("Seq Scan");
  });
});

test("deleting an account deletes its export tickets", async () => {
  const leaver = seed.user("leaver");
  await seed.user("ada").signsUp();
  const path = await ticket(leaver);
  const deletion: TestClient = await leaver.client();
  await deletion.query(
    `mutation($input: DeleteAccountInput!) { deleteAccount(input: $input) { __typename } }`,
    { input: { password: PASSWORD } },
  );
  expect((await fetchIt(path)).status).toBe(404);
});
