import { beforeAll, beforeEach, expect, test } from "vitest";
import { client } from "../kit/client.ts";
import type { Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { describeWith } from "../kit/needs.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import {
  ACTIVITY,
  CONVERSATION_PRESENCE,
  PRESENCE,
  SET_PRESENCE,
  ofTyping,
  SET_TYPING,
  type Activity,
  type PresenceChange,
} from "../kit/signal-documents.ts";
import { connect, type Socket, type Subscription, type Variables } from "../kit/socket.ts";
import { startCluster, type Cluster } from "./cluster.ts";

const TTL_MS = 3_000;
/** Tolerance for a busy machine. */
const SLACK_MS = 1_500;
const LOG_POSITION = `SELECT position::int FROM "LogHead"`;

describeWith("redis-server", "signals between instances", () => {
  let cluster: Cluster;
  let seed: Seed;
  let ada: Actor;
  let adaId: string;
  let ben: Actor;
  let room: Room;
  let stories = 0;
  let open: { close(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    cluster = await startCluster({ PRESENCE_TTL_SECONDS: String(TTL_MS / 1_000) });
    seed = seedOn(cluster.a);
  });

  beforeEach(async () => {
    for (const each of open) await each.close();
    open = [];
    stories += 1;
    [ada, ben] = [seed.user(`ada-${stories}`), seed.user(`ben-${stories}`)];
    adaId = (await ada.signsUp()).user.id;
    room = await ada.createsRoom(`Room ${stories}`);
    await ben.joins(room);
  });

  async function device(person: Actor, endpoint: TestServer): Promise<Socket> {
    const socket = await connect(endpoint, { token: (await person.signsUp()).token });
    open.push(socket);
    return socket;
  }

  async function follow<T>(
    person: Actor,
    endpoint: TestServer,
    query: string,
    variables: Variables,
  ): Promise<Subscription<T>> {
    const asked = await person.via(endpoint).client();
    const stream = await asked.subscribe<T>({ query, variables });
    open.push(stream);
    return stream;
  }

  const followTyping = async (endpoint: TestServer): Promise<Subscription<Activity>> => {
    const stream = await follow<Activity>(ben, endpoint, ACTIVITY, { id: room.id });
    stream.keepOnly(ofTyping);
    return stream;
  };

  const followAda = (endpoint: TestServer): Promise<Subscription<PresenceChange>> =>
    follow<PresenceChange>(ben, endpoint, PRESENCE, { ids: [adaId] });

  const becomes = (
    stream: Subscription<PresenceChange>,
    status: string,
    withinMs?: number,
  ): Promise<PresenceChange> => stream.next(({ presence }) => presence.status === status, withinMs);

  const statuses = (stream: Subscription<PresenceChange>): string[] =>
    stream.all.map(({ presence }) => presence.status);

  const types = (person: Actor, endpoint: TestServer, typing: boolean): Promise<unknown> =>
    person.via(endpoint).mutate(SET_TYPING, { input: { conversationId: room.id, typing } });

  async function position(): Promise<unknown> {
    return cluster.database.query(LOG_POSITION);
  }

  test("typing is sent on all instances, ends with the message on any, and is not in the log", async () => {
    const { a, b } = cluster;
    const streams = await Promise.all([a, b].map((endpoint) => followTyping(endpoint)));
    const before = await position();
    // Only a signal from each instance proves that the streams are open.
    await types(ada, a, true);
    for (const stream of streams) await stream.next(({ typing }) => typing);
    await types(ada, b, false);
    for (const stream of streams) await stream.next(({ typing }) => !typing);
    expect(await position()).toEqual(before);
    await types(ada, a, true);
    for (const stream of streams) await stream.next(({ typing }) => typing);
    const late = await followTyping(b);
    await late.next(({ typing }) => typing);
    await ada.via(b).says(room, "typed");
    for (const stream of [...streams, late]) await stream.next(({ typing }) => !typing);
    for (const stream of streams)
      expect(stream.all.map(({ typing }) => typing)).toEqual([true, false, true, false]);
  });

  test("leaving a room through one instance ends its signal stream on the other", async () => {
    const stream = await followTyping(cluster.b);
    await types(ada, cluster.a, true);
    await stream.next();
    await ben.via(cluster.a).leaves(room);
    expect(await stream.ended).toEqual({});
  });

  test("the presence of devices on several instances is combined, and a status set on any instance reaches the device", async () => {
    const { a, b } = cluster;
    const before = await position();
    const streams = [await followAda(a), await followAda(b)];
    for (const stream of streams) await becomes(stream, "OFFLINE");
    const first = await device(ada, a);
    const login = await client(b).logIn(ada.username);
    const second = await connect(b, { token: login.token });
    open.push(second);
    for (const stream of streams) await becomes(stream, "ONLINE");
    const away = { input: { status: "AWAY" } };
    await second.execute(SET_PRESENCE, away);
    // The request goes over HTTP to an instance to which the device is not connected.
    await ada.via(b).mutate(SET_PRESENCE, away);
    for (const stream of streams) await becomes(stream, "AWAY");
    await first.close();
    await second.execute(SET_PRESENCE, { input: { status: "ONLINE" } });
    for (const stream of streams) await becomes(stream, "ONLINE");
    await second.close();
    for (const stream of streams) {
      await becomes(stream, "OFFLINE", 8_000);
      expect(statuses(stream)).toEqual(["OFFLINE", "ONLINE", "AWAY", "ONLINE", "OFFLINE"]);
    }
    // Logging in is not in the log either.
    expect(await position()).toEqual(before);
  });

  test("a user who becomes invisible on one device is invisible on all instances", async () => {
    const { a, b } = cluster;
    const [first, second] = [await device(ada, a), await device(ada, b)];
    const streams = [await followAda(a), await followAda(b)];
    for (const stream of streams) await becomes(stream, "ONLINE");
    await first.execute(SET_PRESENCE, { input: { invisible: true } });
    for (const stream of streams) await becomes(stream, "OFFLINE");
    await eventually(async () =>
      expect(await second.execute("{ viewer { presence { invisible } } }")).toEqual({
        data: { viewer: { presence: { invisible: true } } },
      }),
    );
    await second.execute(SET_PRESENCE, { input: { status: "ONLINE" } });
    await first.execute(SET_PRESENCE, { input: { invisible: false } });
    for (const stream of streams) {
      await becomes(stream, "ONLINE");
      expect(statuses(stream)).toEqual(["ONLINE", "OFFLINE", "ONLINE"]);
    }
  });

  test("a crashed instance's users appear online no longer than the time to live", async () => {
    const { database, redis, b } = cluster;
    const env = { PRESENCE_TTL_SECONDS: String(TTL_MS / 1_000) };
    const dying = await startServer({ databaseUrl: database.url, redisUrl: redis.url, env });
    await device(ada, dying);
    const stream = await followAda(b);
    const members = await follow<PresenceChange>(ben, b, CONVERSATION_PRESENCE, { id: room.id });
    await becomes(stream, "ONLINE");
    await members.next(({ user }) => user.username === ada.username);
    const from = performance.now();
    const before = Date.now();
    await dying.kill();
    const { presence } = await becomes(stream, "OFFLINE", TTL_MS + SLACK_MS);
    expect(performance.now() - from).toBeGreaterThan(TTL_MS / 4);
    await members.next(
      ({ user, presence: shown }) => user.username === ada.username && shown.status === "OFFLINE",
    );
    // The last-seen time is that of the last heartbeat.
    const seenAt = Date.parse(presence.lastSeenAt ?? "");
    expect(seenAt).toBeGreaterThan(before - TTL_MS);
    expect(seenAt).toBeLessThanOrEqual(before + SLACK_MS);
    const [row] = await eventually(async () => {
      const rows = await database.query<{ lastSeenAt: Date }>(
        `SELECT p."lastSeenAt" FROM "Presence" p JOIN "User" u ON u.id = p."userId" WHERE u.username = $1 AND p."lastSeenAt" IS NOT NULL`,
        [ada.username],
      );
      return rows.length > 0 && rows;
    });
    expect(row?.lastSeenAt.getTime()).toBe(seenAt);
  });

  test("a gracefully stopping instance lets its users reconnect before others notice", async () => {
    const { database, redis, a, b } = cluster;
    const env = { PRESENCE_TTL_SECONDS: "60" };
    const leaving = await startServer({ databaseUrl: database.url, redisUrl: redis.url, env });
    const socket = await device(ada, leaving);
    const stream = await followAda(b);
    await becomes(stream, "ONLINE");
    const stopping = leaving.stop();
    expect(await socket.closed).toMatchObject({ code: 1012 });
    // Clients do not wait for the end of the process either.
    const again = await device(ada, a);
    await again.execute(SET_PRESENCE, { input: { status: "AWAY" } });
    await becomes(stream, "AWAY");
    // Signals before `ONLINE` depend on when the stream opened, so they are ignored.
    const seen = statuses(stream);
    expect(seen.slice(seen.indexOf("ONLINE"))).toEqual(["ONLINE", "AWAY"]);
    expect((await stopping).code).toBe(0);
    await again.close();
    await becomes(stream, "OFFLINE", 8_000);
  });

  test("presence that changed during a Redis outage is correct after it", async () => {
    const { redis, a, b } = cluster;
    const cat = seed.user(`cat-${stories}`);
    const catId = (await cat.signsUp()).user.id;
    await cat.joins(room);
    const here = await device(ada, a);
    const stream = await follow<PresenceChange>(ben, b, PRESENCE, { ids: [adaId, catId] });
    const activity = await followTyping(b);
    const of = (username: string, status: string): Promise<PresenceChange> =>
      stream.next(
        ({ user, presence }) => user.username === username && presence.status === status,
        15_000,
      );
    await of(ada.username, "ONLINE");
    await types(cat, a, true);
    await activity.next(({ typing }) => typing);
    await redis.kill();
    onRelease(async () => {
      if (!redis.isRunning) await redis.start();
    });
    await here.execute(SET_PRESENCE, { input: { status: "AWAY" } });
    await device(cat, a);
    // The signal reaches only the instance that is disconnected from the stream's instance.
    await types(ada, a, true);
    await redis.start();
    await of(ada.username, "AWAY");
    if (statusOf(stream, cat.username) !== "ONLINE") await of(cat.username, "ONLINE");
    await activity.next(({ user, typing }) => user.username === ada.username && typing);
    await activity.next(({ user, typing }) => user.username === cat.username && !typing, 10_000);
    // The status returns to its previous value.
    await here.execute(SET_PRESENCE, { input: { status: "ONLINE" } });
    await of(ada.username, "ONLINE");
  });

  function statusOf(stream: Subscription<PresenceChange>, username: string): string | undefined {
    return stream.all.findLast(({ user }) => user.username === username)?.presence.status;
  }
});
