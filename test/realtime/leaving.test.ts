import { beforeAll, beforeEach, expect, test } from "vitest";
import type { ChatEvent, Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { describeWith } from "../kit/needs.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import type { Subscription } from "../kit/socket.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { isMessage, loggedMessages, positionOf } from "./positions.ts";
import { startTraffic } from "./traffic.ts";

/** The log positions of a join and of the next departure. */
interface Stay {
  from: number;
  to: number;
}

describeWith("redis-server", "leaving a room", () => {
  let cluster: Cluster;
  /** The owner of the rooms, who never leaves. */
  let olga: Actor;
  /** The member who joins and leaves. */
  let lea: Actor;
  let talkers: Actor[];
  let room: Room;
  let rooms = 0;

  beforeAll(async () => {
    cluster = await startCluster();
    const seed = seedOn(cluster.a);
    olga = seed.user("olga");
    lea = seed.user("lea");
    talkers = [seed.user("tim").via(cluster.a), seed.user("tom").via(cluster.b)];
    for (const person of [olga, lea, ...talkers]) await person.signsUp();
  });

  beforeEach(async () => {
    rooms += 1;
    room = await olga.createsRoom(`Room ${rooms}`);
    for (const talker of talkers) await talker.joins(room);
  });

  const inRoom = (events: readonly ChatEvent[]): ChatEvent[] =>
    events.filter((event) => "conversationId" in event && event.conversationId === room.id);

  const leavings = (events: readonly ChatEvent[], who: Actor): ChatEvent[] =>
    inRoom(events).filter(
      (event) => event.__typename === "MemberLeft" && event.user.username === who.username,
    );

  /** Sends a message that everyone may see, and waits until every stream has received it. */
  async function finish(subscriptions: readonly Subscription<ChatEvent>[]): Promise<void> {
    rooms += 1;
    const everywhere = await olga.createsRoom(`Seen by all ${rooms}`);
    for (const { all } of subscriptions) {
      await eventually(() =>
        all.some((event) => event.__typename === "RoomCreated" && event.room.id === everywhere.id),
      );
    }
  }

  test("a member receives all messages of each membership and nothing else, during traffic", async () => {
    const traffic = startTraffic([olga, ...talkers], room);
    const streams = await Promise.all([
      lea.via(cluster.a).listens(),
      lea.via(cluster.b).listens(),
      lea.via(cluster.b).listens({ conversationIds: [room.id] }),
    ]);
    const stays: Stay[] = [];
    for (let stay = 0; stay < 6; stay += 1) {
      // Joins through one instance and leaves through the other.
      const [first, second] = stay % 2 === 0 ? [cluster.a, cluster.b] : [cluster.b, cluster.a];
      const from = positionOf(await lea.via(first).joins(room));
      await traffic.flows(10);
      const to = positionOf(await lea.via(second).leaves(room));
      stays.push({ from, to });
      await traffic.flows(10);
    }
    await traffic.stop();
    await finish(streams.slice(0, 2));
    await eventually(() => expect(leavings(streams[2].all, lea)).toHaveLength(stays.length));

    const log = await loggedMessages(cluster.database);
    const due = log.filter(
      ({ slug, position }) =>
        slug === room.slug && stays.some(({ from, to }) => from < position && position < to),
    );
    expect(due.length).toBeGreaterThan(30);
    for (const { all } of streams) {
      expect(
        inRoom(all)
          .filter(isMessage)
          .map(({ cursor }) => positionOf(cursor)),
      ).toEqual(due.map(({ position }) => position));
      expect(leavings(all, lea).map(({ cursor }) => positionOf(cursor))).toEqual(
        stays.map(({ to }) => to),
      );
      const late = inRoom(all).filter(({ cursor }) => {
        const position = positionOf(cursor);
        return !stays.some(({ from, to }) => from <= position && position <= to);
      });
      expect(late).toEqual([]);
    }
  });

  test("a departure is sent once to the remaining members", async () => {
    await lea.joins(room);
    const streams = await Promise.all([
      olga.via(cluster.a).listens(),
      olga.via(cluster.b).listens(),
    ]);
    const left = positionOf(await lea.via(cluster.b).leaves(room));
    await finish(streams);
    for (const { all } of streams) {
      const places = leavings(all, lea).map(({ cursor }) => positionOf(cursor));
      expect(places).toHaveLength(1);
      expect(places[0]).toBeGreaterThanOrEqual(left);
    }
  });

  test("a replay from an old cursor contains nothing after the departure", async () => {
    const joined = await lea.joins(room);
    for (let number = 0; number < 20; number += 1) await olga.says(room, `before ${number}`);
    const left = positionOf(await lea.via(cluster.b).leaves(room));
    for (let number = 0; number < 20; number += 1) await olga.says(room, `after ${number}`);
    for (const endpoint of cluster.instances) {
      const replay = await lea.via(endpoint).listens({ after: joined });
      await finish([replay]);
      expect(inRoom(replay.all).filter(({ cursor }) => positionOf(cursor) > left)).toEqual([]);
      expect(leavings(replay.all, lea).map(({ cursor }) => positionOf(cursor))).toEqual([left]);
    }
  });

  test("a replay during the departure contains nothing after it", async () => {
    const joined = await lea.joins(room);
    const traffic = startTraffic([olga, ...talkers], room);
    await traffic.flows(300);
    const listening = [0, 1, 2, 3, 4, 5].map((index) =>
      lea.via(cluster.instances[index % 2] ?? cluster.a).listens({ after: joined }),
    );
    const left = positionOf(await lea.leaves(room));
    const replays = await Promise.all(listening);
    await traffic.flows(50);
    await traffic.stop();
    await finish(replays);
    for (const { all } of replays) {
      expect(inRoom(all).filter(({ cursor }) => positionOf(cursor) > left)).toEqual([]);
      expect(leavings(all, lea).map(({ cursor }) => positionOf(cursor))).toEqual([left]);
    }
  });

  test("a replay contains a returning member's own departure once", async () => {
    const joined = await lea.joins(room);
    const left = positionOf(await lea.leaves(room));
    await lea.via(cluster.b).joins(room);
    for (const endpoint of cluster.instances) {
      const replay = await lea.via(endpoint).listens({ after: joined });
      await finish([replay]);
      expect(leavings(replay.all, lea).map(({ cursor }) => positionOf(cursor))).toEqual([left]);
    }
  });
});
