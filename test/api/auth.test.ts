import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { client, cookieOf, PASSWORD, payload, type TestClient } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import {
  LOG_IN,
  SIGN_UP,
  type LogInResult,
  type SignUpResult,
  type TypedError,
} from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { seedOn, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";

const WHO = "{ viewer { user { username } } }";
const LOG_OUT = "mutation { logOut { __typename ... on Error { code } } }";
const SESSIONS = /* GraphQL */ `
  query Sessions($first: Int, $after: String) {
    viewer {
      session {
        id
      }
      sessions(first: $first, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        edges {
          node {
            id
            device
            address
            createdAt
            lastUsedAt
            expiresAt
            current
          }
        }
      }
    }
  }
`;
const REVOKE = /* GraphQL */ `
  mutation Revoke($input: RevokeSessionInput!) {
    revokeSession(input: $input) {
      __typename
      ... on RevokeSessionPayload {
        session {
          id
        }
      }
      ... on Error {
        code
        message
      }
      ... on InvalidInputError {
        fields {
          field
          code
        }
      }
    }
  }
`;
const CHANGE_PASSWORD = /* GraphQL */ `
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      __typename
      ... on ChangePasswordPayload {
        token
        revokedSessions
        session {
          id
          current
        }
      }
      ... on Error {
        code
        message
      }
      ... on InvalidInputError {
        fields {
          field
          code
          message
        }
      }
    }
  }
`;

interface SessionNode {
  id: string;
  device: string;
  address: string;
  createdAt: string;
  lastUsedAt: string;
  expiresAt: string;
  current: boolean;
}
interface SessionsAnswer {
  viewer: {
    session: { id: string };
    sessions: {
      pageInfo: { hasNextPage: boolean; endCursor: string | null };
      edges: { node: SessionNode }[];
    };
  };
}
type ChangePasswordResult =
  | {
      __typename: "ChangePasswordPayload";
      token: string;
      revokedSessions: number;
      session: { id: string; current: boolean };
    }
  | TypedError;

let database: TestDatabase;
let server: TestServer;
let seed: Seed;
let anyone: TestClient;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url });
  seed = seedOn(server);
  anyone = client(server);
});

async function nameOf(caller: TestClient): Promise<string | null> {
  const { viewer } = await caller.query<{ viewer: { user: { username: string } } | null }>(WHO);
  return viewer?.user.username ?? null;
}

async function sessionsOf(caller: TestClient): Promise<SessionNode[]> {
  const { viewer } = await caller.query<SessionsAnswer>(SESSIONS);
  return viewer.sessions.edges.map(({ node }) => node);
}

function logInAs(caller: TestClient, username: string, password = PASSWORD): Promise<LogInResult> {
  return caller.mutate<LogInResult>(LOG_IN, { input: { username, password, device: "test" } });
}

describe("signing up", () => {
  test("creates a user and a session, and joins the lobby", async () => {
    const { user, session, token, cursor } = await seed.user("ada").signsUp();
    expect(user).toMatchObject({ username: "ada", displayName: "ada" });
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    const { viewer } = await seed.user("ada").query<{ viewer: Record<string, unknown> }>(
      `{ viewer {
           cursor user { id } session { id current }
           conversations { edges { node { ... on Room { slug memberCount viewerMembership { role } } } } }
         } }`,
    );
    expect(viewer).toEqual({
      cursor,
      user: { id: user.id },
      session: { id: session.id, current: true },
      conversations: {
        edges: [{ node: { slug: "lobby", memberCount: 1, viewerMembership: { role: "MEMBER" } } }],
      },
    });
  });

  test("returns a cursor from which the stream contains only later events", async () => {
    const { cursor } = await seed.user("cur").signsUp();
    const { id } = await seed.user("cur").createsRoom("After the cursor");
    const events = await seed.user("cur").listens({ after: cursor });
    expect(await events.next()).toMatchObject({ __typename: "RoomCreated", room: { id } });
    await events.close();
  });

  test("sets a session cookie that scripts and other sites cannot use", async () => {
    const input = { username: "cookie", password: PASSWORD, displayName: " The Cookie " };
    const answer = await anyone.send<{ signUp: SignUpResult }>(SIGN_UP, { input });
    const signedUp = answer.data?.signUp;
    if (signedUp === undefined) throw new Error(JSON.stringify(answer.errors));
    const { token, user } = payload(signedUp);
    expect(user.displayName).toBe("The Cookie");
    const [header = "", ...rest] = answer.headers.getSetCookie();
    expect(rest).toEqual([]);
    const [pair, ...attributes] = header.split("; ");
    expect(pair).toBe(`parley_session=${token}`);
    expect(attributes).toEqual(
      expect.arrayContaining([
        "Path=/",
        "HttpOnly",
        "SameSite=Lax",
        expect.stringMatching(/^Expires=/),
      ]),
    );
    expect(attributes).not.toContain("Secure");
    expect(await nameOf(anyone.withCookie(pair ?? ""))).toBe("cookie");
  });

  test("keeps the spelling of a name and treats names case-insensitively", async () => {
    const { user } = await seed.user("Grace.Hopper").signsUp();
    expect(user.username).toBe("Grace.Hopper");
    for (const username of ["grace.hopper", "GRACE.HOPPER", "  Grace.Hopper "]) {
      const input = { username, password: PASSWORD };
      expect(await anyone.mutate(SIGN_UP, { input })).toMatchObject({
        __typename: "UsernameTakenError",
        code: "USERNAME_TAKEN",
      });
    }
    expect(payload(await logInAs(anyone, "gRACE.hOPPER")).user.id).toBe(user.id);
    const found = await seed
      .user("Grace.Hopper")
      .query(`{ user(username: "grace.HOPPER") { id username } }`);
    expect(found).toEqual({ user: { id: user.id, username: "Grace.Hopper" } });
  });

  test("in parallel with the same name succeeds once", async () => {
    const results = await Promise.all(
      ["race", "Race", "RACE", "rAcE"].map((username) =>
        anyone.mutate<SignUpResult>(SIGN_UP, { input: { username, password: PASSWORD } }),
      ),
    );
    expect(results.map(({ __typename }) => __typename).sort()).toEqual([
      "SignUpPayload",
      ...Array.from({ length: 3 }, () => "UsernameTakenError"),
    ]);
    const rows = await database.query(`SELECT 1 FROM "User" WHERE "usernameKey" = 'race'`);
    expect(rows).toHaveLength(1);
  });

  const good = { username: "somebody", password: PASSWORD };
  test.for<[string, object, Record<string, string>]>([
    ["no username", { username: "" }, { username: "REQUIRED" }],
    ["a blank username", { username: " \t " }, { username: "REQUIRED" }],
    ["a username of 33 characters", { username: "u".repeat(33) }, { username: "TOO_LONG" }],
    ["a blank inside the username", { username: "some body" }, { username: "INVALID_FORMAT" }],
    ["a letter beyond a to z", { username: "sömebody" }, { username: "INVALID_FORMAT" }],
    ["a look-alike letter", { username: "sоmebody" }, { username: "INVALID_FORMAT" }],
    ["a dash at the start", { username: "-somebody" }, { username: "INVALID_FORMAT" }],
    ["a dot at the end", { username: "somebody." }, { username: "INVALID_FORMAT" }],
    ["an at sign", { username: "some@body" }, { username: "INVALID_FORMAT" }],
    ["a NUL in the username", { username: "some\u0000body" }, { username: "INVALID_FORMAT" }],
    ["no password", { password: "" }, { password: "REQUIRED" }],
    ["a short password", { password: "1234567" }, { password: "TOO_SHORT" }],
    ["a long password", { password: "p".repeat(257) }, { password: "TOO_LONG" }],
    ["the username as password", { password: "SomeBody" }, { password: "INVALID_VALUE" }],
    ["a long display name", { displayName: "d".repeat(65) }, { displayName: "TOO_LONG" }],
    [
      "a display name with a line break",
      { displayName: "a\nb" },
      { displayName: "INVALID_FORMAT" },
    ],
    [
      "a display name with reversed text",
      { displayName: "a\u202eb" },
      { displayName: "INVALID_FORMAT" },
    ],
    [
      "a display name with a hidden character",
      { displayName: "a\u2060b" },
      { displayName: "INVALID_FORMAT" },
    ],
    [
      "a display name of invisible characters",
      { displayName: "\u3164 \u2800" },
      { displayName: "INVALID_FORMAT" },
    ],
    [
      "three invalid fields",
      { username: "?", password: "short", displayName: "\u0000" },
      { username: "INVALID_FORMAT", password: "TOO_SHORT", displayName: "INVALID_FORMAT" },
    ],
  ])("rejects %s", async ([, wrong, expected]) => {
    const before = await database.query(`SELECT count(*) FROM "User"`);
    const result = await anyone.mutate<TypedError>(SIGN_UP, { input: { ...good, ...wrong } });
    expect(result).toMatchObject({ __typename: "InvalidInputError", code: "INVALID_INPUT" });
    const codes = result.fields?.map(({ field, code }) => [field, code]) ?? [];
    expect(Object.fromEntries(codes)).toEqual(expected);
    for (const { message } of result.fields ?? []) expect(result.message).toContain(message);
    expect(await database.query(`SELECT count(*) FROM "User"`)).toEqual(before);
  });

  test("accepts names and passwords at their limits", async () => {
    const results = await Promise.all(
      [
        { username: "q", password: "8 chars!" },
        { username: "w".repeat(32), password: "🦜".repeat(256), displayName: "ñ".repeat(64) },
      ].map((input) => anyone.mutate<SignUpResult>(SIGN_UP, { input })),
    );
    for (const result of results) payload(result);
    payload(await logInAs(anyone, "w".repeat(32), "🦜".repeat(256)));
  });
});

describe("logging in", () => {
  test("returns the same error for an unknown name and a wrong password", async () => {
    await seed.user("known").signsUp();
    const input = (username: string) => ({ input: { username, password: "not it at all" } });
    const [unknown, wrong] = await Promise.all(
      ["nobody-has-this", "known"].map((name) => anyone.send(LOG_IN, input(name))),
    );
    expect(unknown?.data).toMatchObject({ logIn: { code: "INVALID_CREDENTIALS" } });
    expect(unknown?.data).toEqual(wrong?.data);
    expect(unknown?.status).toBe(wrong?.status);
    for (const answer of [unknown, wrong]) expect(answer?.headers.getSetCookie()).toEqual([]);
  });

  test.for([
    ["an empty name", { username: "", password: "" }],
    ["a name with a NUL", { username: "a\u0000b", password: PASSWORD }],
    ["a name of any length", { username: "n".repeat(5_000), password: PASSWORD }],
    ["a password of any length", { username: "known", password: "p".repeat(5_000) }],
    ["half a character", { username: "\ud800", password: "\udc00" }],
  ] as const)("with %s returns the ordinary error", async ([, input]) => {
    expect(await anyone.mutate(LOG_IN, { input })).toMatchObject({ code: "INVALID_CREDENTIALS" });
  });

  test("opens a separate session each time", async () => {
    await seed.user("twice").signsUp();
    const [first, second] = await Promise.all([anyone.logIn("twice"), anyone.logIn("twice")]);
    expect(first.token).not.toBe(second.token);
    expect(first.session.id).not.toBe(second.session.id);
    expect(await nameOf(anyone.as(first.token))).toBe("twice");
    expect(await nameOf(anyone.as(second.token))).toBe("twice");
  });

  test("stores the reported device name without invisible characters", async () => {
    await seed.user("device").signsUp();
    const input = (device?: string | null) => ({
      input: {
        username: "device",
        password: PASSWORD,
        ...(device === undefined ? {} : { device }),
      },
    });
    const agent = anyone.withHeaders({ "user-agent": "Browser/1.0 (test)" });
    const deviceOf = async (device?: string | null): Promise<string> =>
      payload(await agent.mutate<LogInResult>(LOG_IN, input(device))).session.device;
    expect(await deviceOf()).toBe("Browser/1.0 (test)");
    expect(await deviceOf(null)).toBe("Browser/1.0 (test)");
    expect(await deviceOf("  Ada's laptop 🦜 ")).toBe("Ada's laptop 🦜");
    expect(await deviceOf("d".repeat(500))).toBe("d".repeat(200));
    expect(await deviceOf("a\u0000b\nc")).not.toMatch(/[\p{Cc}]/u);
  });
});

describe("logging out", () => {
  test("ends the session and clears the cookie", async () => {
    await seed.user("leaver").signsUp();
    const answer = await anyone.send(LOG_IN, {
      input: { username: "leaver", password: PASSWORD },
    });
    const browser = anyone.withCookie(cookieOf(answer) ?? "");
    expect(await nameOf(browser)).toBe("leaver");
    const out = await browser.send(LOG_OUT);
    expect(out.data).toEqual({ logOut: { __typename: "LogOutPayload" } });
    expect(out.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^parley_session=; .*Expires=Thu, 01 Jan 1970 00:00:00 GMT/),
    ]);
    expect(await nameOf(browser)).toBeNull();
    expect(await browser.mutate(LOG_OUT)).toEqual({
      __typename: "NotAuthenticatedError",
      code: "UNAUTHENTICATED",
    });
    expect(await nameOf(await seed.user("leaver").client())).toBe("leaver");
  });
});

describe("the list of sessions", () => {
  test("shows device, address and times of one's own sessions, newest first", async () => {
    const before = Date.now();
    const { token } = await seed.user("lister").signsUp();
    const phone = payload(
      await anyone.mutate<LogInResult>(LOG_IN, {
        input: { username: "LISTER", password: PASSWORD, device: "phone" },
      }),
    );
    const sessions = await sessionsOf(anyone.as(token));
    expect(sessions.map(({ device, current }) => [device, current])).toEqual([
      ["phone", false],
      ["test", true],
    ]);
    const seenByPhone = await sessionsOf(anyone.as(phone.token));
    expect(seenByPhone.map(({ current }) => current)).toEqual([true, false]);
    for (const { address, createdAt, lastUsedAt, expiresAt } of sessions) {
      expect(address).toMatch(/^(::ffff:)?127\.0\.0\.1$|^::1$/);
      const created = Date.parse(createdAt);
      expect(created).toBeGreaterThanOrEqual(before);
      expect(created).toBeLessThanOrEqual(Date.now());
      expect(Date.parse(lastUsedAt)).toBeGreaterThanOrEqual(created);
      expect(Date.parse(expiresAt)).toBe(created + 90 * 86_400_000);
    }
  });

  test("is paged", async () => {
    const { session } = await seed.user("pager").signsUp();
    const ids = [session.id];
    for (let i = 0; i < 4; i += 1) ids.unshift((await anyone.logIn("pager")).session.id);
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { viewer }: SessionsAnswer = await seed
        .user("pager")
        .query<SessionsAnswer>(SESSIONS, { first: 2, after });
      seen.push(...viewer.sessions.edges.map(({ node }) => node.id));
      after = viewer.sessions.pageInfo.hasNextPage ? viewer.sessions.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(ids);
  });

  test("omits expired and idle sessions, whose tokens are invalid", async () => {
    const { token } = await seed.user("sleeper").signsUp();
    const tired: string[] = [];
    for (const change of [
      `"expiresAt" = now()`,
      `"lastUsedAt" = now() - interval '31 days'`,
      `"lastUsedAt" = now() - interval '29 days'`,
    ]) {
      const other = await anyone.logIn("sleeper");
      tired.push(other.token);
      await database.query(`UPDATE "Session" SET ${change} WHERE "tokenHash" = $1`, [
        createHash("sha256").update(other.token).digest(),
      ]);
    }
    expect(await sessionsOf(anyone.as(token))).toHaveLength(2);
    const names = await Promise.all(tired.map((other) => nameOf(anyone.as(other))));
    expect(names).toEqual([null, null, "sleeper"]);
  });
});

describe("revoking a session", () => {
  const revoke = (caller: TestClient, sessionId: string): Promise<TypedError> =>
    caller.mutate(REVOKE, { input: { sessionId } });

  test("ends only this session, once", async () => {
    const { token } = await seed.user("revoker").signsUp();
    const lost = await anyone.logIn("revoker");
    const kept = await anyone.logIn("revoker");
    const me = anyone.as(token);
    expect(await nameOf(anyone.as(lost.token))).toBe("revoker");
    expect(await revoke(me, lost.session.id)).toEqual({
      __typename: "RevokeSessionPayload",
      session: { id: lost.session.id },
    });
    expect(await nameOf(anyone.as(lost.token))).toBeNull();
    expect(await nameOf(anyone.as(kept.token))).toBe("revoker");
    expect((await sessionsOf(me)).map(({ id }) => id)).not.toContain(lost.session.id);
    expect(
      await me.query(`query($id: ID!) { node(id: $id) { id } }`, { id: lost.session.id }),
    ).toEqual({ node: null });
    expect(await revoke(me, lost.session.id)).toMatchObject({ code: "NOT_FOUND" });
  });

  test("may end the requesting session, whose cookie is cleared", async () => {
    const { token, session } = await seed.user("suicidal").signsUp();
    const answer = await anyone.as(token).send(REVOKE, { input: { sessionId: session.id } });
    expect(answer.data).toMatchObject({ revokeSession: { session: { id: session.id } } });
    expect(cookieOf(answer)).toBe("parley_session=");
    expect(await nameOf(anyone.as(token))).toBeNull();
  });

  test("of another user returns NOT_FOUND, as if it did not exist", async () => {
    const victim = await seed.user("victim").signsUp();
    const attacker = await seed.user("attacker").client();
    const unknown = Buffer.from(`Session:${"0".repeat(8)}-0000-7000-8000-${"0".repeat(12)}`);
    const other = await revoke(attacker, victim.session.id);
    expect(other).toMatchObject({ __typename: "NotFoundError", code: "NOT_FOUND" });
    expect(await revoke(attacker, unknown.toString("base64"))).toEqual(other);
    expect(await nameOf(anyone.as(victim.token))).toBe("victim");
    const found = await attacker.query(`query($id: ID!) { node(id: $id) { id } }`, {
      id: victim.session.id,
    });
    expect(found).toEqual({ node: null });
  });

  test("rejects ids of other types", async () => {
    const { user } = await seed.user("ada").signsUp();
    for (const id of [user.id, "", "nonsense"]) {
      expect(await revoke(await seed.user("ada").client(), id)).toMatchObject({
        __typename: "InvalidInputError",
        fields: [{ field: "sessionId", code: "INVALID_ID" }],
      });
    }
  });
});

describe("changing the password", () => {
  const change = (caller: TestClient, currentPassword: string, newPassword: string) =>
    caller.send<{ changePassword: ChangePasswordResult }>(CHANGE_PASSWORD, {
      input: { currentPassword, newPassword },
    });
  const NEW = "a new password altogether";

  test("renews the token, ends the other sessions, and accepts only the new password", async () => {
    const { token, session } = await seed.user("changer").signsUp();
    const others = [await anyone.logIn("changer"), await anyone.logIn("changer")];
    // The server caches these sessions and must drop them.
    for (const other of others) expect(await nameOf(anyone.as(other.token))).toBe("changer");
    const answer = await change(anyone.as(token), PASSWORD, NEW);
    if (answer.data === null) throw new Error(JSON.stringify(answer.errors));
    const changed = payload(answer.data.changePassword);
    expect(changed).toMatchObject({
      revokedSessions: 2,
      session: { id: session.id, current: true },
    });
    expect(changed.token).not.toBe(token);
    expect(cookieOf(answer)).toBe(`parley_session=${changed.token}`);
    expect(await nameOf(anyone.as(changed.token))).toBe("changer");
    expect(await nameOf(anyone.as(token))).toBeNull();
    for (const other of others) expect(await nameOf(anyone.as(other.token))).toBeNull();
    expect(await logInAs(anyone, "changer")).toMatchObject({ code: "INVALID_CREDENTIALS" });
    payload(await logInAs(anyone, "changer", NEW));
  });

  test("requires the current password", async () => {
    const me = await seed.user("forgetful").client();
    const answer = await change(me, "something else", NEW);
    expect(answer.data?.changePassword).toMatchObject({ code: "INVALID_CREDENTIALS" });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await nameOf(me)).toBe("forgetful");
    payload(await logInAs(anyone, "forgetful"));
  });

  test.for([
    ["", "REQUIRED"],
    ["1234567", "TOO_SHORT"],
    ["p".repeat(257), "TOO_LONG"],
    ["FORGETFUL", "INVALID_VALUE"],
  ] as const)("to %j is rejected: %s", async ([password, code]) => {
    const answer = await change(await seed.user("forgetful").client(), PASSWORD, password);
    expect(answer.data?.changePassword).toMatchObject({
      __typename: "InvalidInputError",
      fields: [{ field: "newPassword", code }],
    });
  });
});

describe("the viewer of a request", () => {
  test("is determined by the Bearer token before the cookie, and never by an invalid token", async () => {
    const ada = await seed.user("ada").signsUp();
    const bob = await seed.user("bob").signsUp();
    const cookie = `parley_session=${ada.token}`;
    const both = (token: string) =>
      anyone.withCookie(cookie).withHeaders({ authorization: `Bearer ${token}` });
    expect(await nameOf(anyone.withCookie(cookie))).toBe("ada");
    expect(await nameOf(anyone.withCookie(`theme=dark; ${cookie}; x=y`))).toBe("ada");
    expect(await nameOf(both(bob.token))).toBe("bob");
    // A Bearer token takes precedence over any cookie of the request.
    expect(await nameOf(both("worthless"))).toBeNull();
    expect(await nameOf(anyone.withHeaders({ authorization: `bearer ${bob.token}` }))).toBe("bob");
    for (const authorization of [`Basic ${bob.token}`, bob.token, "Bearer", "Bearer  "]) {
      expect(await nameOf(anyone.withHeaders({ authorization }))).toBeNull();
    }
  });
});

describe("the stored form", () => {
  test("of a token is a hash, and of a password an argon2id hash with at least OWASP's cost", async () => {
    const { token, user, session } = await seed.user("stored").signsUp();
    const [row] = await database.query<{ hash: string; tokenHash: Buffer }>(
      `SELECT c."passwordHash" AS hash, s."tokenHash" FROM "User" u
       JOIN "Credential" c ON c."userId" = u.id JOIN "Session" s ON s."userId" = u.id
       WHERE u."usernameKey" = 'stored'`,
    );
    expect(row?.tokenHash.equals(createHash("sha256").update(token).digest())).toBe(true);
    const [, memory, passes] =
      /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$/.exec(row?.hash ?? "") ?? [];
    expect(Number(memory)).toBeGreaterThanOrEqual(19_456);
    expect(Number(passes)).toBeGreaterThanOrEqual(2);
    expect([user.username, session.device]).toEqual(["stored", "test"]);
  });

  test("contains no tokens or passwords, and neither does the server's output", async () => {
    const { token } = await seed.user("stored").signsUp();
    const tables = await database.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    );
    expect(tables.length).toBeGreaterThan(8);
    const secrets = [token, Buffer.from(token, "base64url").toString("hex"), PASSWORD];
    for (const { name } of tables) {
      const rows = await database.query<{ text: string }>(
        `SELECT t::text AS text FROM "${name}" t`,
      );
      const text = rows.map((row) => row.text).join("\n");
      for (const secret of secrets) expect(text.includes(secret), name).toBe(false);
    }
    for (const secret of secrets) expect(server.output).not.toContain(secret);
  });
});

describe("too many parallel log-ins", () => {
  test("are rejected with a retry time; accepted ones are served", async () => {
    const busy = await startServer({
      databaseUrl: database.url,
      env: { PASSWORD_CONCURRENCY: "1", PASSWORD_QUEUE: "1" },
    });
    await seed.user("ada").signsUp();
    const crowd = client(busy);
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        index % 2 === 0
          ? logInAs(crowd, "ada")
          : crowd.mutate<SignUpResult>(SIGN_UP, {
              input: { username: `crowd-${index}`, password: PASSWORD },
            }),
      ),
    );
    const refused = results.filter((result) => result.__typename === "OverloadedError");
    const served = results.filter((result) => "token" in result);
    expect(served.length).toBeGreaterThanOrEqual(2);
    expect(refused.length).toBeGreaterThan(0);
    expect(served.length + refused.length).toBe(results.length);
    for (const result of refused) {
      const { code, retryAfterMs } = result as TypedError;
      expect(code).toBe("OVERLOADED");
      if (retryAfterMs !== undefined) expect(retryAfterMs).toBeGreaterThan(0);
    }
    for (const result of served) expect(await nameOf(crowd.as(result.token))).not.toBeNull();
    payload(await logInAs(crowd, "ada"));
  });
});

describe("the session policy", () => {
  const POLICY = "{ server { sessionPolicy } }";

  test("reject keeps the first session, and allows a second one after the first ends", async () => {
    const own = await createDatabase();
    const one = await startServer({
      databaseUrl: own.url,
      env: { SESSION_POLICY: "reject", SESSION_LOCK_SECONDS: "3" },
    });
    const caller = client(one);
    expect(await caller.query(POLICY)).toEqual({ server: { sessionPolicy: "REJECT" } });
    const first = await caller.signUp("ada");
    const refused = await logInAs(caller, "ada");
    expect(refused).toMatchObject({ __typename: "SessionActiveError", code: "SESSION_ACTIVE" });
    const { retryAfterMs = 0 } = refused as TypedError;
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(3_000);
    // Without the right password, the error reveals nothing about sessions.
    expect(await logInAs(caller, "ada", "something else")).toMatchObject({
      code: "INVALID_CREDENTIALS",
    });

    // While it is in use, it stays alive beyond its initial three seconds.
    const deadline = Date.now() + 3_500;
    await eventually(
      async () => {
        expect(await nameOf(caller.as(first.token))).toBe("ada");
        return Date.now() > deadline;
      },
      { intervalMs: 100 },
    );
    expect(await logInAs(caller, "ada")).toMatchObject({ code: "SESSION_ACTIVE" });

    // Without use, it expires.
    const second = await eventually(async () => payload(await logInAs(caller, "ada")), {
      timeoutMs: 10_000,
      intervalMs: 100,
    });
    expect(await nameOf(caller.as(first.token))).toBeNull();
    await caller.as(second.token).mutate(LOG_OUT);
    payload(await logInAs(caller, "ada"));
  }, 40_000);

  test("reject admits one of several parallel log-ins", async () => {
    const own = await createDatabase();
    const one = await startServer({ databaseUrl: own.url, env: { SESSION_POLICY: "reject" } });
    const caller = client(one);
    const first = await caller.signUp("ada");
    await caller.as(first.token).mutate(LOG_OUT);
    const results = await Promise.all(Array.from({ length: 5 }, () => logInAs(caller, "ada")));
    expect(results.map(({ __typename }) => __typename).sort()).toEqual([
      "LogInPayload",
      ...Array.from({ length: 4 }, () => "SessionActiveError"),
    ]);
  });

  test("replace ends the first session when the second starts", async () => {
    const own = await createDatabase();
    const one = await startServer({ databaseUrl: own.url, env: { SESSION_POLICY: "replace" } });
    const caller = client(one);
    expect(await caller.query(POLICY)).toEqual({ server: { sessionPolicy: "REPLACE" } });
    const first = await caller.signUp("ada");
    expect(await nameOf(caller.as(first.token))).toBe("ada");
    const second = payload(await logInAs(caller, "ada"));
    expect(await nameOf(caller.as(first.token))).toBeNull();
    expect((await sessionsOf(caller.as(second.token))).map(({ id }) => id)).toEqual([
      second.session.id,
    ]);
  });
});
