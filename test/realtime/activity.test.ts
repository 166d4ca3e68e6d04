import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { countStatements, type StatementCount } from "../api/statements.ts";
import type { Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import type { Stream } from "../kit/inbox.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import {
  ACTIVITY,
  ofTyping,
  SET_TYPING,
  type Activity,
  type TypingPayload,
} from "../kit/signal-documents.ts";
import { connect, type Socket, type Subscription } from "../kit/socket.ts";
import { subscribeSse, type SseSubscription } from "../kit/sse.ts";
import { NOTHING_HELD, startInProcess, type InProcess } from "./in-process.ts";

const LOG_OUT = "mutation { logOut { __typename } }";

let statements: StatementCount;
let server: InProcess;
let ada: Actor;
let ben: Actor;
let cat: Actor;
let room: Room;
let rooms = 0;
let open: Subscription<Activity>[] = [];
let requests: SseSubscription<Activity>[] = [];

beforeAll(async () => {
  statements = countStatements();
  server = await startInProcess();
  const seed = seedOn(server);
  [ada, ben, cat] = [seed.user("ada"), seed.user("ben"), seed.user("cat")];
  await cat.signsUp();
});

beforeEach(async () => {
  for (const stream of open) await stream.close();
  for (const stream of requests) stream.complete();
  [open, requests] = [[], []];
  await holds({});
  rooms += 1;
  room = await ada.createsRoom(`Room ${rooms}`);
  await ben.joins(room);
});

/** Waits until the server holds exactly these resources, except cached topic access. */
const holds = (expected: Partial<typeof NOTHING_HELD>): Promise<void> =>
  eventually(() => {
    const { subscribers, people } = server.app.counts();
    expect(server.app.counts()).toEqual({ ...NOTHING_HELD, subscribers, people, ...expected });
  });

async function follow(person: Actor, id = room.id): Promise<Subscription<Activity>> {
  const client = await person.client();
  const stream = await client.subscribe<Activity>({ query: ACTIVITY, variables: { id } });
  stream.keepOnly(ofTyping);
  open.push(stream);
  return stream;
}

async function followSse(person: Actor, id = room.id): Promise<SseSubscription<Activity>> {
  const { token } = await person.signsUp();
  const stream = await subscribeSse<Activity>(server, {
    token,
    query: ACTIVITY,
    variables: { id },
  });
  stream.keepOnly(ofTyping);
  requests.push(stream);
  return stream;
}

async function types(person: Actor, typing = true, id = room.id): Promise<TypingPayload> {
  const answer = await person.mutate<TypingPayload>(SET_TYPING, {
    input: { conversationId: id, typing },
  });
  expect(answer.__typename).toBe("SetTypingPayload");
  return answer;
}

const typingOf = (stream: { all: readonly Activity[] }): string[] =>
  stream.all.map(({ user, typing }) => `${user.username} ${typing ? "types" : "stopped"}`);

describe("a signal stream", () => {
  test("reaches all members, over sockets and SSE", async () => {
    const [socket, request] = [await follow(ben), await followSse(ben)];
    await holds({ sockets: 1, signals: 2, groups: 1 });
    await types(ada);
    for (const stream of [socket, request]) {
      expect(await stream.next()).toEqual({
        __typename: "TypingChanged",
        conversationId: room.id,
        typing: true,
        user: { username: "ada" },
      });
    }
    await types(ada, false);
    for (const stream of [socket, request]) expect((await stream.next()).typing).toBe(false);
  });

  test("starts with the current state", async () => {
    await types(ada);
    const streams = [await follow(ben), await followSse(ben)];
    for (const stream of streams) {
      expect(await stream.next()).toMatchObject({ typing: true, user: { username: "ada" } });
    }
  });

  test("is executed once for all, also for different conversations", async () => {
    const other = await ada.createsRoom(`Other ${rooms}`);
    await ben.joins(other);
    const streams = [await follow(ada), await follow(ben), await follow(ben, other.id)];
    await holds({ sockets: 3, signals: 3, groups: 1 });
    await types(ada, true, other.id);
    expect((await streams[2]?.next())?.conversationId).toBe(other.id);
    expect(streams.slice(0, 2).flatMap((stream) => stream.all)).toEqual([]);
  });

  test.each([
    ["a socket", follow],
    ["server-sent events", followSse],
  ] as const)("leaks nothing over %s", async (_way, start) => {
    const stream = await start(ben);
    await holds(start === follow ? { sockets: 1, signals: 1, groups: 1 } : { signals: 1 });
    stream.complete();
    await holds(start === follow ? { sockets: 1 } : {});
  });

  test("leaks nothing if it ends before it has started", async () => {
    const socket: Socket = await connect(server, { token: (await ben.signsUp()).token });
    for (let round = 0; round < 20; round += 1) {
      socket.subscribe(ACTIVITY, { id: room.id }).complete();
    }
    for (let round = 0; round < 20; round += 1) socket.subscribe(ACTIVITY, { id: room.id });
    await socket.cut();
    await holds({});
  });
});

describe("a user who may not see a conversation", () => {
  test.each([
    ["a socket", follow],
    ["server-sent events", followSse],
  ] as const)("gets the error over %s, and nothing else", async (_way, start) => {
    const hidden = await ada.createsRoom(`Hidden ${rooms}`, { visibility: "PRIVATE" });
    const missing = Buffer.from(`Conversation:${crypto.randomUUID()}`).toString("base64");
    const table = [
      [hidden.id, "NOT_FOUND"],
      [missing, "NOT_FOUND"],
      [room.id, "NOT_A_MEMBER"],
      ["nonsense", "INVALID_INPUT"],
    ] as const;
    for (const [id, code] of table) {
      const stream = await start(cat, id);
      const { errors } = await stream.ended;
      expect(errors, code).toMatchObject([{ extensions: { code } }]);
      expect(stream.all).toEqual([]);
    }
  });

  test("gets the error without a session", async () => {
    const socket = await connect(server);
    const { errors } = await socket.subscribe(ACTIVITY, { id: room.id }).ended;
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
    await socket.close();
    const request = await subscribeSse(server, { query: ACTIVITY, variables: { id: room.id } });
    expect((await request.ended).errors).toMatchObject([
      { extensions: { code: "UNAUTHENTICATED" } },
    ]);
  });

  test("receives nothing after leaving: the stream ends", async () => {
    const streams = [await follow(ben), await followSse(ben)];
    await types(ada);
    for (const stream of streams) await stream.next();
    await ben.leaves(room);
    for (const stream of streams) expect(await stream.ended).toEqual({});
    await types(ada, false);
    await holds({ sockets: 1 });
    for (const stream of streams) expect(typingOf(stream)).toEqual(["ada types"]);
  });

  test("receives nothing after the session has ended", async () => {
    const client = await ben.client();
    const { token } = await client.logIn("ben");
    const socket = await client
      .as(token)
      .subscribe({ query: ACTIVITY, variables: { id: room.id } });
    const request = await subscribeSse(server, {
      token,
      query: ACTIVITY,
      variables: { id: room.id },
    });
    await holds({ sockets: 1, signals: 2, groups: 1 });
    await client.as(token).mutate(LOG_OUT);
    expect(await socket.ended).toMatchObject({ code: 4403 });
    await request.ended;
    await holds({});
  });
});

describe("typing", () => {
  test("is not sent to the user's own devices", async () => {
    const { token } = await (await ada.client()).logIn("ada");
    const phone = (await ada.client()).as(token);
    const streams = [
      await follow(ada),
      await phone.subscribe<Activity>({ query: ACTIVITY, variables: { id: room.id } }),
    ];
    for (const stream of streams) stream.keepOnly(ofTyping);
    await holds({ sockets: 2, signals: 2, groups: 1 });
    await types(ada);
    await types(ben);
    for (const stream of streams) {
      expect(await stream.next()).toMatchObject({ user: { username: "ben" } });
      expect(typingOf(stream)).toEqual(["ben types"]);
      await stream.close();
    }
    const query = `query($id: ID!) { node(id: $id) { ... on Conversation { typing { username } } } }`;
    const seen = async (person: Actor): Promise<unknown> => person.query(query, { id: room.id });
    expect(await seen(ada)).toEqual({ node: { typing: [{ username: "ben" }] } });
    expect(await seen(ben)).toEqual({ node: { typing: [{ username: "ada" }] } });
    expect(await seen(cat)).toEqual({ node: { typing: [] } });
  });

  test("is sent once for repeated calls", async () => {
    const stream = await follow(ben);
    for (let round = 0; round < 20; round += 1) {
      expect((await types(ada)).expiresInMs).toBeGreaterThan(4_900);
    }
    await types(ada, false);
    await types(ada, false);
    await types(ada);
    await eventually(() =>
      expect(typingOf(stream)).toEqual(["ada types", "ada stopped", "ada types"]),
    );
  });

  test("ends with the typed message, which follows over the same socket", async () => {
    const socket = await connect(server, { token: (await ben.signsUp()).token });
    const received: string[] = [];
    const activity = socket.subscribe<Activity>(ACTIVITY, { id: room.id });
    activity.keepOnly(ofTyping);
    const events = socket.subscribe<{ __typename: string }>(
      "subscription { events { __typename } }",
    );
    for (const stream of [activity, events] as Stream<{ __typename: string; typing?: boolean }>[]) {
      const push = stream.push.bind(stream);
      stream.push = (item) => {
        received.push(item.typing === false ? "stopped" : item.__typename);
        push(item);
      };
    }
    await events.next();
    await types(ada);
    await activity.next();
    await ada.says(room, "typed");
    await events.next(({ __typename }) => __typename === "MessageSent");
    expect(received.slice(-3)).toEqual(["TypingChanged", "stopped", "MessageSent"]);
    await socket.close();
  });

  test("ends when the user leaves", async () => {
    const stream = await follow(ada);
    await types(ben);
    await ben.leaves(room);
    await stream.next(({ typing }) => !typing);
    expect(typingOf(stream)).toEqual(["ben types", "ben stopped"]);
  });

  test("ends six seconds after the last call, with a single signal until then", async () => {
    const stream = await follow(ben);
    await types(ada);
    await stream.next();
    const began = performance.now();
    let last = began;
    // Clients repeat the call; the timeout starts at the last call.
    await eventually(
      async () => {
        const { expiresInMs } = await types(ada);
        last = performance.now();
        return last - began > 3_000 && expiresInMs === 6_000;
      },
      { intervalMs: 150 },
    );
    await stream.next(({ typing }) => !typing, 8_000);
    expect(performance.now() - last).toBeGreaterThan(5_500);
    expect(performance.now() - last).toBeLessThan(7_500);
    expect(typingOf(stream)).toEqual(["ada types", "ada stopped"]);
  });

  test("is for members: others get a typed error", async () => {
    const hidden = await ada.createsRoom(`Hidden ${rooms}`, { visibility: "PRIVATE" });
    const table = [
      [cat, hidden.id, "NOT_FOUND"],
      [cat, room.id, "NOT_A_MEMBER"],
    ] as const;
    for (const [person, conversationId, code] of table) {
      const input = { conversationId, typing: true };
      expect(await person.mutate(SET_TYPING, { input })).toMatchObject({ code });
    }
    await ben.leaves(room);
    const input = { conversationId: room.id, typing: true };
    expect(await ben.mutate(SET_TYPING, { input })).toMatchObject({ code: "NOT_A_MEMBER" });
  });

  test("writes nothing to the log and needs no database statement per signal", async () => {
    const stream = await follow(ben);
    const socket = await connect(server, { token: (await ada.signsUp()).token });
    onRelease(() => socket.cut().then(() => undefined));
    const say = (typing: boolean): Promise<unknown> =>
      socket.execute(SET_TYPING, { input: { conversationId: room.id, typing } });
    await say(true);
    await stream.next();
    const cursor = async (): Promise<unknown> => await ada.query("{ viewer { cursor } }");
    const before = await cursor();
    const costs: number[] = [];
    // Background statements of the instance can only add to the count, so the minimum is the cost of the
    // signals.
    for (let turn = 0; turn < 5; turn += 1) {
      statements.clear();
      for (const typing of [false, true, false, true]) {
        await say(typing);
        await stream.next((signal) => signal.typing === typing);
      }
      costs.push(statements.texts.length);
    }
    expect(Math.min(...costs), statements.texts.join("\n")).toBe(0);
    expect(await cursor()).toEqual(before);
    await socket.close();
  });
});
