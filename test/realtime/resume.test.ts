import { beforeAll, expect, test } from "vitest";
import type { ChatEvent, Room } from "../kit/documents.ts";
import { describeWith } from "../kit/needs.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import type { TestServer } from "../kit/server.ts";
import { startServer } from "../kit/server.ts";
import type { Subscription } from "../kit/socket.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import {
  cursorBeside,
  disorder,
  durablePositions,
  isMessage,
  loggedMessages,
  positionOf,
} from "./positions.ts";
import { startTraffic } from "./traffic.ts";

const REPLAY_LIMIT = 600;
/** Length of a long message: a replay of hundreds of them fills any socket buffer. */
const LONG = 40_000;

describeWith("redis-server", "a stream that resumes from a cursor", () => {
  let cluster: Cluster;
  let ada: Actor;
  let ben: Actor;
  let room: Room;

  beforeAll(async () => {
    cluster = await startCluster({
      REPLAY_LIMIT: String(REPLAY_LIMIT),
      MESSAGE_MAX_LENGTH: String(LONG),
    });
    const seed = seedOn(cluster.a);
    ada = seed.user("ada");
    ben = seed.user("ben");
    room = await ada.createsRoom("Room");
    await ben.joins(room);
  });

  /** Sends many messages. @returns the cursor from before */
  async function say(count: number): Promise<string> {
    const { viewer } = await ada.query<{ viewer: { cursor: string } }>("{ viewer { cursor } }");
    await Promise.all(
      Array.from({ length: count }, (_, number) => ada.says(room, `${count}: ${number}`)),
    );
    return viewer.cursor;
  }

  /** Opens a stream and checks that it starts with `Ready` at its cursor. */
  async function resume(endpoint: TestServer, after: string): Promise<Subscription<ChatEvent>> {
    const stream = await (await ben.via(endpoint).client()).subscribe({ variables: { after } });
    expect(await stream.next()).toMatchObject({ __typename: "Ready", cursor: after });
    return stream;
  }

  /** Checks that the stream continues live with the next message, in order. */
  async function expectLive(stream: Subscription<ChatEvent>): Promise<void> {
    const { id } = await ada.via(cluster.b).says(room, "live");
    await stream.next((event) => isMessage(event) && event.message.id === id);
    expect(disorder(durablePositions(stream.all))).toEqual([]);
  }

  const gaps = (stream: Subscription<ChatEvent>): string[] =>
    stream.all.flatMap((event) => (event.__typename === "EventGap" ? [event.reason] : []));

  test("a resuming client receives missed events, on the instance of its cursor and on the other", async () => {
    const after = await say(30);
    for (const endpoint of cluster.instances) {
      const stream = await resume(endpoint, after);
      await expectLive(stream);
      const missed = await loggedMessages(cluster.database);
      expect(stream.all.filter(isMessage).map(({ cursor }) => positionOf(cursor))).toEqual(
        missed.map(({ position }) => position).filter((place) => place > positionOf(after)),
      );
      expect(gaps(stream)).toEqual([]);
    }
  });

  test("a resuming client receives missed events from an instance that must read them from the database", async () => {
    const after = await say(30);
    const { database, redis } = cluster;
    const fresh = await startServer({ databaseUrl: database.url, redisUrl: redis.url });
    const stream = await resume(fresh, after);
    await expectLive(stream);
    expect(stream.all.filter(isMessage)).toHaveLength(31);
    await fresh.stop();
  });

  test("a resuming client whose cursor is ahead of the log receives an EventGap, then live events", async () => {
    const { viewer } = await ben.query<{ viewer: { cursor: string } }>("{ viewer { cursor } }");
    const stream = await resume(cluster.a, cursorBeside(viewer.cursor, 1_000));
    expect(await stream.next()).toMatchObject({
      __typename: "EventGap",
      reason: "UNKNOWN_CURSOR",
      cursor: viewer.cursor,
    });
    await expectLive(stream);
  });

  test("a resuming client that has missed too many events receives an EventGap, then live events", async () => {
    const after = await say(REPLAY_LIMIT + 50);
    const { database, redis } = cluster;
    const fresh = await startServer({
      databaseUrl: database.url,
      redisUrl: redis.url,
      env: { REPLAY_LIMIT: String(REPLAY_LIMIT) },
    });
    // An instance that has the events in memory, and one that must read them from the database.
    for (const endpoint of [cluster.a, fresh]) {
      const stream = await resume(endpoint, after);
      const gap = await stream.next((event) => event.__typename === "EventGap");
      expect(gap).toMatchObject({ reason: "TOO_LONG" });
      expect(stream.all.filter(isMessage).length).toBeLessThanOrEqual(REPLAY_LIMIT);
      await expectLive(stream);
      expect(gaps(stream)).toEqual(["TOO_LONG"]);
      const behind = stream.all.slice(stream.all.indexOf(gap)).filter(isMessage);
      expect(behind).toHaveLength(1);
    }
    await fresh.stop();
  });

  test("a resuming client whose missed events were pruned receives an EventGap, then live events", async () => {
    const after = await say(20);
    await cluster.database.query(`DELETE FROM "Event" WHERE position <= $1`, [
      positionOf(after) + 10,
    ]);
    const { database, redis } = cluster;
    const fresh = await startServer({ databaseUrl: database.url, redisUrl: redis.url });
    const stream = await resume(fresh, after);
    const gap = await stream.next();
    expect(gap).toMatchObject({ __typename: "EventGap", reason: "EXPIRED" });
    expect(positionOf(gap.cursor)).toBeGreaterThanOrEqual(positionOf(after) + 20);
    await expectLive(stream);
    expect(gaps(stream)).toEqual(["EXPIRED"]);
    // The remaining events are available from their start.
    const rest = await resume(fresh, cursorBeside(after, 10));
    await expectLive(rest);
    expect(gaps(rest)).toEqual([]);
    await fresh.stop();
  });

  test("a resuming client whose missed events were pruned receives an EventGap, even if no events remain", async () => {
    const after = await say(5);
    await cluster.database.query(`DELETE FROM "Event"`);
    const { database, redis } = cluster;
    const fresh = await startServer({ databaseUrl: database.url, redisUrl: redis.url });
    const stream = await resume(fresh, after);
    expect(await stream.next()).toMatchObject({ __typename: "EventGap", reason: "EXPIRED" });
    await expectLive(stream);
    await fresh.stop();
  });

  test("a resuming client is not considered too slow during a long replay", async () => {
    const long = "x".repeat(LONG);
    const { viewer } = await ada.query<{ viewer: { cursor: string } }>("{ viewer { cursor } }");
    const numbers = Array.from({ length: REPLAY_LIMIT - 200 }, (_, number) => number);
    await Promise.all(numbers.map(() => ada.says(room, long)));
    const traffic = startTraffic([ada.via(cluster.b)], room);
    const streams = await Promise.all(
      cluster.instances.map((endpoint) => resume(endpoint, viewer.cursor)),
    );
    await traffic.flows(20);
    await traffic.stop();
    for (const stream of streams) {
      await expectLive(stream);
      expect(stream.isEnded).toBe(false);
      expect(
        stream.all.filter((event) => isMessage(event) && event.message.body === long),
      ).toHaveLength(numbers.length);
    }
  });

  test("a resuming client has no gap and no duplicate between replay and live events, during traffic", async () => {
    const after = await say(1);
    const carol = seedOn(cluster.b).user("carol");
    await carol.joins(room);
    const traffic = startTraffic([ada, ben, carol, ada.via(cluster.b)], room);
    const streams: Subscription<ChatEvent>[] = [];
    let from = after;
    for (let round = 0; round < 40; round += 1) {
      const endpoint = cluster.instances[round % 2] ?? cluster.a;
      const stream = await (
        await ben.via(endpoint).client()
      ).subscribe({
        variables: { after: from },
      });
      streams.push(stream);
      // This position is beyond the replay; the next client starts in the middle of this one's events.
      const reached = await stream.next(
        (event) => stream.all.filter(isMessage).length > 5 && isMessage(event),
      );
      from = reached.cursor;
    }
    await traffic.stop();
    const { id } = await ada.says(room, "the end");
    const log = await loggedMessages(cluster.database);
    for (const stream of streams) {
      await stream.next((event) => isMessage(event) && event.message.id === id);
      const [first] = stream.all;
      const begin = positionOf(first?.cursor ?? "");
      expect(stream.all.filter(isMessage).map(({ cursor }) => positionOf(cursor))).toEqual(
        log.map(({ position }) => position).filter((place) => place > begin),
      );
      expect(gaps(stream)).toEqual([]);
      expect(disorder(durablePositions(stream.all))).toEqual([]);
    }
  });
});
