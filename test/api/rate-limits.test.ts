import { beforeAll, describe, expect, test } from "vitest";
import { client, PASSWORD, type TestClient } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import {
  CREATE_ROOM,
  LOG_IN,
  SEND_MESSAGE,
  SIGN_UP,
  type Room,
  type SessionPayload,
  type TypedError,
} from "../kit/documents.ts";
import { BLOCK_PERSON, OPEN_DIRECT, UNBLOCK_PERSON } from "../kit/direct-documents.ts";
import { FOLLOW, MUTE_PERSON, PUBLISH, UNFOLLOW, UNMUTE_PERSON } from "../kit/follow-documents.ts";
import { ADD_REACTION, REMOVE_REACTION } from "../kit/message-documents.ts";
import { SAVE_DRAFT, SCHEDULE_MESSAGE } from "../kit/writing-documents.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { REPORT } from "../kit/trust-documents.ts";

type Outcome = { __typename: string } & Partial<TypedError> & Partial<SessionPayload>;

const CHANGE_PASSWORD = /* GraphQL */ `
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      __typename
      ... on Error {
        code
        message
      }
      ... on RateLimitedError {
        retryAfterMs
      }
      ... on ChangePasswordPayload {
        token
      }
    }
  }
`;

/** Adds the retry time of a rate-limit error to the selection of a mutation. */
const withRetryTime = (mutation: string): string =>
  mutation.replace("__typename", "__typename ... on RateLimitedError { retryAfterMs }");

let database: TestDatabase;
let server: TestServer;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({
    databaseUrl: database.url,
    env: {
      RATE_LIMITS: "true",
      TRUST_PROXY: "true",
      RATE_LOG_IN_ACCOUNT: "3/600",
      RATE_LOG_IN_ADDRESS: "5/600",
      RATE_LOG_IN_KNOWN: "2/600",
      RATE_LOG_IN_TOTAL: "0",
      RATE_SIGN_UP: "2/600",
      RATE_PASSWORD: "2/600",
      RATE_SEND: "3/600",
      RATE_CREATE_ROOM: "2/600",
      RATE_REACT: "2/600",
      RATE_SEARCH: "2/600",
      RATE_TYPING: "2/600",
      RATE_REPORT: "1/600",
      RATE_FOLLOW: "2/600",
      RATE_PUBLISH: "1/600",
      RATE_OPEN_DIRECT: "1/600",
      RATE_DRAFT: "2/600",
      RATE_SCHEDULE: "1/600",
    },
  });
});

let lastAddress = 0;
/** An unused address. */
const newAddress = (): string => {
  lastAddress += 1;
  return `198.51.${100 + (lastAddress >> 8)}.${lastAddress & 255}`;
};
const from = (address: string): TestClient =>
  client(server).withHeaders({ "x-forwarded-for": address });
const logIn = (address: string, username: string, password: string): Promise<Outcome> =>
  from(address).mutate<Outcome>(withRetryTime(LOG_IN), { input: { username, password } });
const person = async (username: string): Promise<{ home: string; me: TestClient }> => {
  const home = newAddress();
  const { token } = await from(home).signUp(username);
  return { home, me: from(home).as(token) };
};

function expectLimited(outcome: Outcome): void {
  expect(outcome).toMatchObject({ __typename: "RateLimitedError", code: "RATE_LIMITED" });
  expect(outcome.retryAfterMs).toBeGreaterThan(0);
  expect(outcome.retryAfterMs).toBeLessThanOrEqual(600_000);
}

describe("the limit of log-ins", () => {
  test("counts guesses at one account from all addresses, even for an unknown name", async () => {
    await person("ada");
    for (const username of ["ada", "nobody"]) {
      for (let i = 0; i < 3; i += 1) {
        expect(await logIn(newAddress(), username, "wrong")).toMatchObject({
          code: "INVALID_CREDENTIALS",
        });
      }
      expectLimited(await logIn(newAddress(), username, "wrong"));
      expectLimited(await logIn(newAddress(), username.toUpperCase(), PASSWORD));
    }
  });

  test("neither locks out the user nor ends the session during an attack from another address", async () => {
    const { home, me } = await person("bob");
    for (let i = 0; i < 6; i += 1) await logIn(newAddress(), "bob", "wrong");
    expectLimited(await logIn(newAddress(), "bob", PASSWORD));
    expect(await me.query("{ viewer { user { username } } }")).toEqual({
      viewer: { user: { username: "bob" } },
    });
    expect(await logIn(home, "bob", PASSWORD)).toMatchObject({ __typename: "LogInPayload" });
  });

  test("gives a known address a separate budget, and counts only failures", async () => {
    const { home } = await person("cleo");
    for (let i = 0; i < 4; i += 1) {
      expect((await logIn(home, "cleo", PASSWORD)).__typename).toBe("LogInPayload");
    }
    for (let i = 0; i < 2; i += 1) {
      expect((await logIn(home, "cleo", "wrong")).code).toBe("INVALID_CREDENTIALS");
    }
    expectLimited(await logIn(home, "cleo", PASSWORD));
    // Other addresses still have the account's own budget.
    expect((await logIn(newAddress(), "cleo", PASSWORD)).__typename).toBe("LogInPayload");
  });

  test("counts guesses at many accounts from one IPv6 network", async () => {
    const network = (host: string): string => `2001:db8:7:7::${host}`;
    for (let i = 1; i <= 5; i += 1) {
      const outcome = await logIn(network(String(i)), `somebody-${i}`, "wrong");
      expect(outcome.code).toBe("INVALID_CREDENTIALS");
    }
    expectLimited(await logIn(network("ffff:1"), "somebody-6", "wrong"));
    expect((await logIn("2001:db8:7:8::1", "somebody-6", "wrong")).code).toBe(
      "INVALID_CREDENTIALS",
    );
  });

  test("cannot be bypassed by parallel guesses", async () => {
    await person("dora");
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, () => logIn(newAddress(), "dora", "wrong")),
    );
    const count = (code: string): number => outcomes.filter((one) => one.code === code).length;
    expect([count("INVALID_CREDENTIALS"), count("RATE_LIMITED")]).toEqual([3, 9]);
  });
});

test("sign-ups from one address are counted, but invalid ones are not", async () => {
  const home = newAddress();
  const signUp = (username: string, password = PASSWORD): Promise<Outcome> =>
    from(home).mutate<Outcome>(withRetryTime(SIGN_UP), { input: { username, password } });
  expect((await signUp("new-1", "short")).code).toBe("INVALID_INPUT");
  expect((await signUp("new-1")).__typename).toBe("SignUpPayload");
  expect((await signUp("new-2")).__typename).toBe("SignUpPayload");
  expectLimited(await signUp("new-3"));
  await from(newAddress()).signUp("new-3");
});

test("wrong passwords in changePassword are counted", async () => {
  const { me } = await person("erin");
  const change = (currentPassword: string): Promise<Outcome> =>
    me.mutate<Outcome>(CHANGE_PASSWORD, {
      input: { currentPassword, newPassword: "another good password" },
    });
  for (let i = 0; i < 2; i += 1) expect((await change("wrong")).code).toBe("INVALID_CREDENTIALS");
  expectLimited(await change(PASSWORD));
});

describe("actions of a user", () => {
  let me: TestClient;
  let room: Room;

  beforeAll(async () => {
    ({ me } = await person("fay"));
    const made = await me.mutate<{ room: Room }>(CREATE_ROOM, { input: { name: "Limits" } });
    room = made.room;
  });

  test("sending is limited, and rejected messages are not stored", async () => {
    const send = (body: string): Promise<Outcome> =>
      me.mutate<Outcome>(withRetryTime(SEND_MESSAGE), { input: { conversationId: room.id, body } });
    for (const body of ["1", "2", "3"]) {
      expect((await send(body)).__typename).toBe("SendMessagePayload");
    }
    expectLimited(await send("4"));
    const rows = await database.query<{ body: string }>(`SELECT body FROM "Message" ORDER BY seq`);
    expect(rows.map(({ body }) => body)).toEqual(["1", "2", "3"]);
    // Other users are not affected.
    const other = (await person("gil")).me;
    await other.query(`mutation($id: ID!) { joinRoom(input: { roomId: $id }) { __typename } }`, {
      id: room.id,
    });
    expect(
      await other.mutate(SEND_MESSAGE, { input: { conversationId: room.id, body: "5" } }),
    ).toMatchObject({ __typename: "SendMessagePayload" });
  });

  test("creating rooms is limited", async () => {
    const make = (name: string): Promise<Outcome> =>
      me.mutate<Outcome>(withRetryTime(CREATE_ROOM), { input: { name } });
    expect((await make("Second")).__typename).toBe("CreateRoomPayload");
    expectLimited(await make("Third"));
  });

  test("reacting is limited, including removals", async () => {
    const messages = await database.query<{ id: string }>(`SELECT id FROM "Message" LIMIT 1`);
    const messageId = Buffer.from(`Message:${messages[0]?.id ?? ""}`).toString("base64");
    const input = { messageId, emoji: "🎉" };
    expect((await me.mutate<Outcome>(withRetryTime(ADD_REACTION), { input })).code).toBeUndefined();
    expect(
      (await me.mutate<Outcome>(withRetryTime(REMOVE_REACTION), { input })).code,
    ).toBeUndefined();
    expectLimited(await me.mutate<Outcome>(withRetryTime(ADD_REACTION), { input }));
    expectLimited(await me.mutate<Outcome>(withRetryTime(REMOVE_REACTION), { input }));
  });

  test("typing signals are limited if others would see them", async () => {
    const SET = /* GraphQL */ `
      mutation ($input: SetTypingInput!) {
        setTyping(input: $input) {
          __typename
          ... on Error {
            code
          }
          ... on RateLimitedError {
            retryAfterMs
          }
        }
      }
    `;
    const set = (typing: boolean): Promise<Outcome> =>
      me.mutate<Outcome>(SET, { input: { conversationId: room.id, typing } });
    for (const typing of [true, true, true, false])
      expect((await set(typing)).code).toBeUndefined();
    expectLimited(await set(true));
  });

  test("following, muting and blocking share a limit; publishing and opening have separate ones", async () => {
    const { me: target } = await person("somebody-to-follow");
    const { viewer } = await target.query<{ viewer: { user: { id: string } } }>(
      "{ viewer { user { id } } }",
    );
    const tie = (document: string): Promise<Outcome> =>
      me.mutate<Outcome>(withRetryTime(document), { input: { userId: viewer.user.id } });
    expect((await tie(FOLLOW)).code).toBeUndefined();
    expect((await tie(BLOCK_PERSON)).code).toBeUndefined();
    for (const document of [
      FOLLOW,
      UNFOLLOW,
      MUTE_PERSON,
      UNMUTE_PERSON,
      BLOCK_PERSON,
      UNBLOCK_PERSON,
    ])
      expectLimited(await tie(document));
    const publish = (): Promise<Outcome> =>
      me.mutate<Outcome>(withRetryTime(PUBLISH), { input: { body: "hello" } });
    expect((await publish()).code).toBeUndefined();
    expectLimited(await publish());
    const open = (): Promise<Outcome> =>
      me.mutate<Outcome>(withRetryTime(OPEN_DIRECT), { input: { userIds: [] } });
    expect((await open()).code).toBeUndefined();
    expectLimited(await open());
  });

  test("saving drafts and scheduling messages are limited", async () => {
    const body = "not yet";
    const save = (): Promise<Outcome> =>
      me.mutate<Outcome>(withRetryTime(SAVE_DRAFT), { input: { conversationId: room.id, body } });
    for (let i = 0; i < 2; i += 1) expect((await save()).code).toBeUndefined();
    expectLimited(await save());
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const schedule = (): Promise<Outcome> =>
      me.mutate<Outcome>(withRetryTime(SCHEDULE_MESSAGE), {
        input: { conversationId: room.id, body, sendAt },
      });
    expect((await schedule()).code).toBeUndefined();
    expectLimited(await schedule());
  });

  test("reports are limited", async () => {
    const report = (): Promise<Outcome> =>
      me.mutate<Outcome>(withRetryTime(REPORT), { input: { roomId: room.id, reason: "SPAM" } });
    expect((await report()).code).toBeUndefined();
    expectLimited(await report());
  });

  test("a rate-limited query returns an error with the retry time", async () => {
    const search = `{ rooms(search: "limits") { edges { node { id } } } }`;
    for (let i = 0; i < 2; i += 1) await me.query(search);
    const { errors } = await me.send(search);
    expect(errors).toMatchObject([{ extensions: { code: "RATE_LIMITED" } }]);
    expect(errors[0]?.extensions?.["retryAfterMs"]).toBeGreaterThan(0);
    // A list without a search term does not count as a search.
    await me.query(`{ rooms { edges { node { id } } } }`);
  });
});

test("rate limits can be disabled, individually or all", async () => {
  const free = await startServer({
    databaseUrl: database.url,
    env: { RATE_LIMITS: "true", RATE_SIGN_UP: "0", RATE_CREATE_ROOM: "1/600" },
  });
  for (let i = 0; i < 4; i += 1) await client(free).signUp(`free-${i}`);
  const off = await startServer({
    databaseUrl: database.url,
    env: { RATE_LIMITS: "false", RATE_CREATE_ROOM: "1/600" },
  });
  const { token } = await client(free).logIn("free-0");
  for (const [where, codes] of [
    [free, [undefined, "RATE_LIMITED"]],
    [off, [undefined, undefined]],
  ] as const) {
    for (const [index, code] of codes.entries()) {
      const input = { name: `Room ${where.pid} ${index}` };
      const outcome = await client(where).as(token).mutate<Outcome>(CREATE_ROOM, { input });
      expect(outcome.code).toBe(code);
    }
  }
});
