import { beforeAll, describe, expect, test } from "vitest";
import { client, PASSWORD, type TestClient } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { LOG_IN } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import type { Variables } from "../kit/socket.ts";
import { AUDIT_LOG, ROOM_AUDIT_LOG, type AuditEntry, type Page } from "../kit/trust-documents.ts";

let database: TestDatabase;
let server: TestServer;
let seed: Seed;
let root: Actor;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url, env: { TRUST_PROXY: "true" } });
  seed = seedOn(server);
  root = seed.user("root");
  await root.signsUp();
});

const entries = async (filter: Variables = {}): Promise<AuditEntry[]> => {
  const data = await root.query<{ auditLog: Page<AuditEntry> }>(AUDIT_LOG, { filter, first: 100 });
  return data.auditLog.edges.map(({ node }) => node);
};
const from = (address: string): TestClient =>
  client(server).withHeaders({ "x-forwarded-for": address, "user-agent": "Audited/1.0" });

test("every account action is recorded with actor, address, device and time", async () => {
  const home = from("203.0.113.9");
  const before = Date.now();
  const { token, user } = await home.signUp("traced");
  const first = home.as(token);
  await home.mutate(LOG_IN, { input: { username: "traced", password: "wrong" } });
  const second = await from("203.0.113.10").logIn("traced");
  await first.query(
    `mutation($id: ID!) { revokeSession(input: { sessionId: $id }) { __typename } }`,
    {
      id: second.session.id,
    },
  );
  const changed = await first.query<{ changePassword: { token: string } }>(
    `mutation($input: ChangePasswordInput!) {
       changePassword(input: $input) { ... on ChangePasswordPayload { token } } }`,
    { input: { currentPassword: PASSWORD, newPassword: "another good password" } },
  );
  await home.as(changed.changePassword.token).query("mutation { logOut { __typename } }");

  const own = (await entries({ actorId: user.id })).reverse();
  expect(own.map(({ action }) => action)).toEqual([
    "SIGNED_UP",
    "LOGGED_IN",
    "SESSION_REVOKED",
    "PASSWORD_CHANGED",
    "LOGGED_OUT",
  ]);
  for (const entry of own) {
    expect(entry.actor?.username).toBe("traced");
    expect(entry.address).toMatch(/^203\.0\.113\.(9|10)$/);
    expect(Date.parse(entry.at)).toBeGreaterThanOrEqual(before - 1_000);
    expect(Date.parse(entry.at)).toBeLessThanOrEqual(Date.now() + 1_000);
  }
  expect(own[2]?.device).toBe("Audited/1.0");
  expect(await entries({ targetId: user.id })).toMatchObject([
    { action: "LOG_IN_FAILED", actor: null, details: [{ name: "reason", value: "wrong" }] },
  ]);
});

test("a failed log-in with an unknown name is recorded without the entered name", async () => {
  const input = { username: "my-secret-password-typed-here", password: "wrong" };
  await from("203.0.113.77").mutate(LOG_IN, { input });
  const [entry] = await entries({ actions: ["LOG_IN_FAILED"] });
  expect(entry).toMatchObject({ actor: null, target: null, address: "203.0.113.77" });
  const rows = await database.query(`SELECT * FROM "AuditEntry"`);
  expect(JSON.stringify(rows)).not.toContain("secret-password");
});

test("a failed action is not recorded", async () => {
  const before = (await entries({ actions: ["SIGNED_UP"] })).length;
  await expect(client(server).signUp("root")).rejects.toThrow("USERNAME_TAKEN");
  expect(await entries({ actions: ["SIGNED_UP"] })).toHaveLength(before);
});

describe("reading the audit log", () => {
  test("requires an administrator", async () => {
    const nosy = seed.user("nosy");
    const { errors } = await (await nosy.client()).send(AUDIT_LOG, {});
    expect(errors).toMatchObject([{ extensions: { code: "NOT_ALLOWED" } }]);
    const [entry] = await entries();
    const NODE = "query($id: ID!) { node(id: $id) { id } }";
    expect(await nosy.query(NODE, { id: entry?.id })).toEqual({ node: null });
    expect(await root.query(NODE, { id: entry?.id })).toEqual({ node: { id: entry?.id } });
  });

  test("is paged, newest first, without gaps", async () => {
    const all = await entries();
    const paged: string[] = [];
    let after: string | null = null;
    do {
      const page: { auditLog: Page<AuditEntry> } = await root.query(AUDIT_LOG, { first: 3, after });
      paged.push(...page.auditLog.edges.map(({ node }) => node.id));
      after = page.auditLog.pageInfo.hasNextPage ? page.auditLog.pageInfo.endCursor : null;
    } while (after !== null);
    expect(paged).toEqual(all.map(({ id }) => id));
    expect(paged.length).toBeGreaterThan(6);
  });

  test("can be limited to a period", async () => {
    const all = await entries();
    const middle = all[Math.floor(all.length / 2)]?.at ?? "";
    const [late, early] = [await entries({ since: middle }), await entries({ until: middle })];
    expect(late.length + early.length).toBe(all.length);
    expect(early.every(({ at }) => at < middle)).toBe(true);
  });

  test("of one room is allowed to its moderators, without addresses", async () => {
    const [owner, member] = [seed.user("keeper"), seed.user("kept")];
    const room = await owner.createsRoom("Ordered");
    await member.joins(room);
    await owner.deletes(await member.says(room, "out of order"));
    type Of = { node: { auditLog: Page<AuditEntry> } };
    const seen = async (by: Actor): Promise<AuditEntry[]> =>
      (await by.query<Of>(ROOM_AUDIT_LOG, { id: room.id })).node.auditLog.edges.map(
        ({ node }) => node,
      );
    const [entry, ...rest] = await seen(owner);
    expect(rest).toEqual([]);
    expect(entry).toMatchObject({
      action: "MESSAGE_DELETED",
      actor: { username: "keeper" },
      target: { username: "kept" },
      conversationId: room.id,
      address: null,
      device: null,
    });
    expect((await seen(root))[0]?.address).not.toBeNull();
    const { errors } = await (await member.client()).send(ROOM_AUDIT_LOG, { id: room.id });
    expect(errors).toMatchObject([{ extensions: { code: "NOT_ALLOWED" } }]);
  });

  test("shows no entry for users who delete their own messages", async () => {
    const talker = seed.user("talker");
    const room = await talker.createsRoom("Talk");
    const message = await talker.says(room, "never mind");
    await talker.deletes(message);
    expect(await entries({ conversationId: room.id })).toEqual([]);
    // Deleting a deleted message is not recorded either.
    await root.mutate(
      `mutation($id: ID!) { deleteMessage(input: { messageId: $id }) { __typename } }`,
      {
        id: message.id,
      },
    );
    expect(await entries({ conversationId: room.id })).toEqual([]);
  });
});

describe("the audit table", () => {
  test("rejects every change and deletion", async () => {
    const [{ count } = { count: 0 }] = await database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM "AuditEntry"`,
    );
    for (const sql of [
      `UPDATE "AuditEntry" SET "actorId" = NULL`,
      `UPDATE "AuditEntry" SET at = now() - interval '1 year'`,
      `DELETE FROM "AuditEntry"`,
      `TRUNCATE "AuditEntry"`,
      // Entries younger than 30 days stay, even for a deletion in pruning mode.
      `DO $$ BEGIN PERFORM set_config('parley.audit_prune', 'on', true); DELETE FROM "AuditEntry"; END $$`,
      `SELECT audit_prune(now() + interval '1 day', 1000)`,
    ])
      await expect(database.query(sql), sql).rejects.toThrow("append-only");
    expect(await database.query(`SELECT count(*)::int AS count FROM "AuditEntry"`)).toEqual([
      { count },
    ]);
  });

  test("overrides the time of an inserted entry", async () => {
    const [row] = await database.query<{ at: Date }>(
      `INSERT INTO "AuditEntry" (id, at, action, address, device)
       VALUES (gen_random_uuid(), '2001-01-01', 'LOGGED_IN', '', '') RETURNING at`,
    );
    expect(row?.at.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  test("keeps entries for the retention period and deletes older ones", async () => {
    // The trigger sets the current time, so the test disables it to insert old entries.
    await database.query(`
      ALTER TABLE "AuditEntry" DISABLE TRIGGER audit_guard_rows;
      INSERT INTO "AuditEntry" (id, at, action, address, device)
      SELECT gen_random_uuid(), now() - make_interval(days => age), 'LOGGED_IN', age::text, 'aged'
      FROM unnest(ARRAY[29, 31, 59, 61, 400]) AS age;
      ALTER TABLE "AuditEntry" ENABLE ALWAYS TRIGGER audit_guard_rows`);
    const pruning = await startServer({
      databaseUrl: database.url,
      env: { AUDIT_RETENTION_DAYS: "60" },
    });
    const kept = async (): Promise<string[]> =>
      (
        await database.query<{ address: string }>(
          `SELECT address FROM "AuditEntry" WHERE device = 'aged' ORDER BY at DESC`,
        )
      ).map(({ address }) => address);
    await eventually(async () => expect(await kept()).toEqual(["29", "31", "59"]));
    await pruning.stop();
  });
});
