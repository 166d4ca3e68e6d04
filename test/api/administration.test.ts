import { beforeAll, describe, expect, test } from "vitest";
import { client, PASSWORD, type TestClient } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { LOG_IN } from "../kit/documents.ts";
import { DELETE_MESSAGE } from "../kit/message-documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { connect } from "../kit/socket.ts";
import {
  AUDIT_LOG,
  DELETE_ACCOUNT,
  SET_ADMINISTRATOR,
  SUSPEND,
  UNSUSPEND,
  type AuditEntry,
  type Page,
} from "../kit/trust-documents.ts";

type Outcome = { __typename: string; code?: string };

let database: TestDatabase;
let server: TestServer;
let seed: Seed;
let root: Actor;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url });
  seed = seedOn(server);
  root = seed.user("root");
  await root.signsUp();
});

const isAdministrator = async (person: TestClient | Actor): Promise<boolean> => {
  const data = await person.query<{ viewer: { isAdministrator: boolean } }>(
    "{ viewer { isAdministrator } }",
  );
  return data.viewer.isAdministrator;
};
const idOf = async (actor: Actor): Promise<string> => (await actor.signsUp()).user.id;
const suspend = async (
  by: Actor,
  who: Actor,
  input: { until?: string; reason?: string } = {},
): Promise<Outcome> =>
  by.mutate<Outcome>(SUSPEND, { input: { userId: await idOf(who), reason: "spam", ...input } });
const unsuspend = async (by: Actor, who: Actor): Promise<Outcome> =>
  by.mutate<Outcome>(UNSUSPEND, { input: { userId: await idOf(who) } });
const setRole = async (by: Actor, who: Actor, has: boolean): Promise<Outcome> =>
  by.mutate<Outcome>(SET_ADMINISTRATOR, {
    input: { userId: await idOf(who), isAdministrator: has },
  });
const entries = async (action: string): Promise<AuditEntry[]> => {
  const filter = { actions: [action] };
  const data = await root.query<{ auditLog: Page<AuditEntry> }>(AUDIT_LOG, { filter });
  return data.auditLog.edges.map(({ node }) => node);
};
const logIn = (username: string, password = PASSWORD): Promise<Outcome & { until?: string }> =>
  client(server).mutate(
    LOG_IN.replace("__typename", "__typename ... on SuspendedError { until reason }"),
    {
      input: { username, password },
    },
  );

describe("the administrator role", () => {
  test("goes to the first account", async () => {
    expect(await isAdministrator(root)).toBe(true);
    expect(await isAdministrator(seed.user("second"))).toBe(false);
  });

  test("goes to one user when several sign up first at the same time", async () => {
    const alone = await startServer({ databaseUrl: (await createDatabase()).url });
    const sessions = await Promise.all(
      Array.from({ length: 6 }, (_, index) => client(alone).signUp(`first-${index}`)),
    );
    const roles = await Promise.all(
      sessions.map(({ token }) => isAdministrator(client(alone).as(token))),
    );
    expect(roles.filter(Boolean)).toHaveLength(1);
  });

  test("goes to the users in ADMIN_USERNAMES instead of the first account", async () => {
    const named = await startServer({
      databaseUrl: (await createDatabase()).url,
      env: { ADMIN_USERNAMES: "Boss, deputy" },
    });
    const people = seedOn(named);
    expect(await isAdministrator(people.user("first"))).toBe(false);
    expect(await isAdministrator(people.user("boss"))).toBe(true);
    expect(await isAdministrator(people.user("DEPUTY"))).toBe(true);
    // If the account could be deleted, the next user to take the name would become administrator.
    const input = { password: PASSWORD };
    expect(await people.user("boss").mutate(DELETE_ACCOUNT, { input })).toMatchObject({
      __typename: "NotAllowedError",
    });
    expect(await setRole(people.user("DEPUTY"), people.user("boss"), false)).toMatchObject({
      __typename: "NotAllowedError",
    });
  });

  test("can be granted and revoked, but the last administrator keeps it", async () => {
    const deputy = seed.user("deputy");
    expect(await setRole(deputy, deputy, true)).toMatchObject({ code: "NOT_ALLOWED" });
    expect(await setRole(root, root, false)).toMatchObject({ code: "LAST_ADMINISTRATOR" });
    expect(await setRole(root, deputy, true)).toMatchObject({
      __typename: "SetAdministratorPayload",
    });
    expect(await isAdministrator(deputy)).toBe(true);
    const twice = await Promise.all([setRole(root, deputy, false), setRole(deputy, root, false)]);
    expect(twice.map(({ code }) => code).sort()).not.toEqual([undefined, undefined]);
    const roles = [await isAdministrator(root), await isAdministrator(deputy)];
    expect(roles.filter(Boolean)).toHaveLength(1);
    // Restores the initial state for the following tests.
    if (!roles[0]) {
      await setRole(deputy, root, true);
      await setRole(root, deputy, false);
    }
    expect((await entries("ADMINISTRATOR_ADDED")).length).toBeGreaterThan(0);
  });

  test("prevents the last administrator from deleting their account while other accounts exist", async () => {
    const input = { password: PASSWORD };
    expect(await root.mutate(DELETE_ACCOUNT, { input })).toMatchObject({
      __typename: "LastAdministratorError",
      code: "LAST_ADMINISTRATOR",
    });
    expect(await isAdministrator(root)).toBe(true);
  });

  test("allows deleting any message, with an entry in the audit log", async () => {
    const [ann, ben] = [seed.user("ann"), seed.user("ben")];
    const room = await ann.createsRoom("Ann's own", { visibility: "PRIVATE" });
    const message = await ann.says(room, "something terrible");
    const input = { messageId: message.id };
    expect(await ben.mutate(DELETE_MESSAGE, { input })).toMatchObject({ code: "NOT_FOUND" });
    const deleted = await root.mutate<Outcome>(DELETE_MESSAGE, { input });
    expect(deleted.code).toBeUndefined();
    const rows = await database.query<{ body: string }>(
      `SELECT body FROM "Message" WHERE "deletedAt" IS NOT NULL`,
    );
    expect(rows).toEqual([{ body: "" }]);
    expect(await entries("MESSAGE_DELETED")).toMatchObject([
      { actor: { username: "root" }, target: { username: "ann" }, messageId: message.id },
    ]);
    // The role does not allow reading messages.
    expect(await root.query("query($id: ID!) { node(id: $id) { id } }", { id: room.id })).toEqual({
      node: null,
    });
  });
});

describe("suspending a user", () => {
  test("ends all sessions immediately, and a later log-in with the right password returns SUSPENDED", async () => {
    const victim = seed.user("victim");
    const { token } = await victim.signsUp();
    const socket = await connect(server, { token });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    expect(await suspend(root, victim, { until, reason: "Spam in three rooms" })).toMatchObject({
      __typename: "SuspendUserPayload",
      suspension: { user: { username: "victim" }, until, reason: "Spam in three rooms" },
    });
    expect((await socket.closed).code).toBe(4403);
    expect(await client(server).as(token).query("{ viewer { user { id } } }")).toEqual({
      viewer: null,
    });
    expect(await logIn("victim", "wrong")).toMatchObject({ code: "INVALID_CREDENTIALS" });
    expect(await logIn("victim")).toMatchObject({
      __typename: "SuspendedError",
      code: "SUSPENDED",
      until,
      reason: "Spam in three rooms",
    });
    const failures = await entries("LOG_IN_FAILED");
    expect(failures[0]).toMatchObject({
      actor: null,
      target: { username: "victim" },
      details: [{ name: "reason", value: "suspended" }],
    });
    expect(await unsuspend(root, victim)).toMatchObject({ __typename: "UnsuspendUserPayload" });
    expect(await unsuspend(root, victim)).toMatchObject({ __typename: "UnsuspendUserPayload" });
    expect(await logIn("victim")).toMatchObject({ __typename: "LogInPayload" });
    expect(await entries("USER_UNSUSPENDED")).toHaveLength(1);
  });

  test("stops taking effect at its end time", async () => {
    const short = seed.user("short");
    await suspend(root, short, { until: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await logIn("short")).toMatchObject({ code: "SUSPENDED" });
    await database.query(`UPDATE "Suspension" SET until = now()`);
    expect(await logIn("short")).toMatchObject({ __typename: "LogInPayload" });
  });

  test("is rejected for plain users, against administrators, and without a reason or a future end", async () => {
    const [one, two] = [seed.user("one"), seed.user("two")];
    expect(await suspend(one, two)).toMatchObject({ code: "NOT_ALLOWED" });
    expect(await unsuspend(one, two)).toMatchObject({ code: "NOT_ALLOWED" });
    expect(await suspend(root, root)).toMatchObject({ code: "NOT_ALLOWED" });
    for (const input of [
      { reason: " " },
      { reason: "x".repeat(501) },
      { until: new Date(0).toISOString() },
    ])
      expect(await suspend(root, one, input)).toMatchObject({ code: "INVALID_INPUT" });
    expect(await isAdministrator(one)).toBe(false);
  });

  test("leaves no session open when the user logs in at the same time", async () => {
    const racer = seed.user("racer");
    await racer.signsUp();
    const attempts = Array.from({ length: 6 }, () => logIn("racer"));
    const [, ...outcomes] = await Promise.all([suspend(root, racer), ...attempts]);
    expect(outcomes.map(({ code }) => code)).toContain("SUSPENDED");
    const rows = await database.query<{ going: number }>(
      `SELECT count(*)::int AS going FROM "Session" s JOIN "User" u ON u.id = s."userId"
       WHERE u."usernameKey" = 'racer' AND s."endedAt" IS NULL`,
    );
    expect(rows).toEqual([{ going: 0 }]);
  });

  test("lists the user in a paged list for administrators", async () => {
    for (const name of ["bad-1", "bad-2", "bad-3"]) await suspend(root, seed.user(name));
    const LIST = /* GraphQL */ `
      query ($first: Int, $after: String) {
        suspensions(first: $first, after: $after) {
          edges {
            node {
              user {
                username
              }
            }
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    `;
    type List = { suspensions: Page<{ user: { username: string } }> };
    const first = await root.query<List>(LIST, { first: 2 });
    const { endCursor } = first.suspensions.pageInfo;
    const rest = await root.query<List>(LIST, { first: 50, after: endCursor });
    const names = [first, rest].flatMap(({ suspensions }) =>
      suspensions.edges.map(({ node }) => node.user.username),
    );
    expect(names.slice(0, 3)).toEqual(["bad-3", "bad-2", "bad-1"]);
    // Suspensions that have ended are not listed.
    expect(names).not.toContain("short");
    const { errors } = await (await seed.user("one").client()).send(LIST, {});
    expect(errors).toMatchObject([{ extensions: { code: "NOT_ALLOWED" } }]);
  });
});

test("a user who does not exist can be neither suspended nor made administrator", async () => {
  const userId = Buffer.from("User:0195b0e0-0000-7000-8000-000000000000").toString("base64");
  for (const [document, input] of [
    [SUSPEND, { userId, reason: "x" }],
    [UNSUSPEND, { userId }],
    [SET_ADMINISTRATOR, { userId, isAdministrator: true }],
  ] as const)
    expect(await root.mutate(document, { input })).toMatchObject({ code: "NOT_FOUND" });
});
