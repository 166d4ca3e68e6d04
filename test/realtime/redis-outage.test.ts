import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { client, payload, type TestClient } from "../kit/client.ts";
import { EVENTS, SEND_MESSAGE, type ChatEvent, type Room } from "../kit/documents.ts";
import type { SendMessageResult } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import type { Stream } from "../kit/inbox.ts";
import { timesLogged, warningsOf } from "../kit/log-lines.ts";
import { metricOf } from "../kit/metrics.ts";
import { describeWith } from "../kit/needs.ts";
import { seedOn } from "../kit/seed.ts";
import type { TestServer } from "../kit/server.ts";
import {
  ACTIVITY,
  PRESENCE,
  SET_PRESENCE,
  SET_TYPING,
  type Activity,
  type PresenceChange,
} from "../kit/signal-documents.ts";
import { connect, type Socket } from "../kit/socket.ts";
import { startCluster, type Cluster } from "./cluster.ts";

// Other files cover the rest: rate-limits.test.ts rate limits, sessions.test.ts ended sessions,
// signals-cluster.test.ts presence and typing, and unit/tail.test.ts the polling of PostgreSQL.

/** Maximum delivery time between the instances, in milliseconds. */
const DELIVERY_MS = 1_000;
/** Maximum delivery time on a busy machine, in milliseconds. */
const SLOW_MACHINE_MS = 5_000;
const MESSAGES = 7;
const AWAY = "Redis is away";
const BACK = "Redis is back";

/** A client that listens on an instance. */
interface Listener {
  http: TestClient;
  socket: Socket;
  events: Stream<ChatEvent>;
}

async function listen(http: TestClient): Promise<Listener> {
  const socket = await connect(http.url, { token: http.token ?? "" });
  const events = socket.subscribe<ChatEvent>(EVENTS);
  await events.next(({ __typename }) => __typename === "Ready");
  return { http, socket, events };
}

/** Sends a message and returns its delivery time to the other client, in milliseconds. */
async function delay(speaker: Listener, listener: Listener, room: Room): Promise<number> {
  const input = { conversationId: room.id, body: "hello", clientId: randomUUID() };
  const { sentMessage } = payload(
    await speaker.http.mutate<SendMessageResult>(SEND_MESSAGE, { input }),
  );
  const began = performance.now();
  await listener.events.next(
    (event) => event.__typename === "MessageSent" && event.message.id === sentMessage.id,
    SLOW_MACHINE_MS,
  );
  return performance.now() - began;
}

/** Returns the median delivery time in both directions, in milliseconds. */
async function usualDelay(one: Listener, other: Listener, room: Room): Promise<number> {
  const delays: number[] = [];
  for (let number = 0; number < MESSAGES; number += 1)
    delays.push(await delay(one, other, room), await delay(other, one, room));
  return delays.sort((a, b) => a - b)[MESSAGES] ?? Infinity;
}

/** Returns the log lines and metrics about Redis outages since the instance's start. */
async function outageReport(instance: TestServer): Promise<Record<string, number>> {
  return {
    away: timesLogged(instance, AWAY),
    back: timesLogged(instance, BACK),
    warnings: warningsOf(instance).length,
    outages: await metricOf(instance, "parley_bus_outages_total"),
    up: await metricOf(instance, "parley_bus_up"),
  };
}

const ways = [
  ["killed", ({ redis }: Cluster) => redis.kill(), ({ redis }: Cluster) => redis.start()],
  [
    "frozen",
    async ({ redis }: Cluster) => redis.pause(),
    async ({ redis }: Cluster) => redis.resume(),
  ],
] as const;

describeWith("redis-server", "while Redis is unavailable", () => {
  let cluster: Cluster;
  let room: Room;
  let ada: Listener;
  let ben: Listener;
  /** Number of outages that each instance has logged before the current test. */
  let outages = 0;

  beforeAll(async () => {
    cluster = await startCluster();
    const seed = seedOn(cluster.a);
    room = await seed.user("ada").createsRoom("Room");
    const other = seed.user("ben").via(cluster.b);
    await other.joins(room);
    ada = await listen(await seed.user("ada").client());
    ben = await listen(await other.client());
  });

  /** The report during an outage: the log reports each outage once, and nothing else. */
  const awayAgain = () => ({
    away: outages + 1,
    back: outages,
    warnings: outages + 1,
    outages: outages + 1,
    up: 0,
  });
  const becomes = (instance: TestServer, state: Record<string, number>): Promise<void> =>
    eventually(async () => expect(await outageReport(instance)).toEqual(state));

  test.for(ways)(
    "when Redis is %s, instances deliver to each other within a second",
    async (way) => {
      const [, fail, recover] = way;
      await fail(cluster);
      // Messages sent before the outage is detected arrive, too.
      await delay(ada, ben, room);
      await delay(ben, ada, room);
      for (const instance of cluster.instances) await becomes(instance, awayAgain());
      expect(await usualDelay(ada, ben, room)).toBeLessThan(DELIVERY_MS);
      for (const instance of cluster.instances)
        expect(await outageReport(instance)).toEqual(awayAgain());
      await recover(cluster);
      for (const instance of cluster.instances)
        await becomes(instance, { ...awayAgain(), back: outages + 1, up: 1 });
      outages += 1;
      expect(await usualDelay(ada, ben, room)).toBeLessThan(DELIVERY_MS);
    },
  );

  describe("a single instance", () => {
    beforeAll(() => cluster.b.stop());

    test.for(ways)("serves its own users fully when Redis is %s", async (way) => {
      const [how, fail, recover] = way;
      const { a, database } = cluster;
      const seed = seedOn(a);
      const [one, other, third] = ["ada", "ben", "cleo"].map((name) => seed.user(`${name}-${how}`));
      if (!one || !other || !third) throw new Error("three people");
      const here = await one.createsRoom(how);
      await other.joins(here);
      const speaker = await listen(await one.client());
      const listener = await listen(await other.client());
      const typing = listener.socket.subscribe<Activity>(ACTIVITY, { id: here.id });
      await typing.next();
      const ids = [(await one.signsUp()).user.id];
      const presence = listener.socket.subscribe<PresenceChange>(PRESENCE, { ids });
      await presence.next(({ presence: { status } }) => status === "ONLINE");
      await fail(cluster);

      for (let number = 0; number < MESSAGES; number += 1) await delay(speaker, listener, here);
      const input = { conversationId: here.id, typing: true };
      await speaker.socket.execute(SET_TYPING, { input });
      await typing.next((change) => change.typing && change.user.username === one.username);
      await speaker.socket.execute(SET_PRESENCE, { input: { status: "AWAY" } });
      await presence.next(({ presence: { status } }) => status === "AWAY");
      // Users join, return and connect as usual.
      await third.joins(here);
      const again = client(a).as((await client(a).logIn(other.username)).token);
      await delay(speaker, await listen(again), here);
      const said = await database.query(
        `SELECT 1 FROM "Message" m JOIN "User" u ON u.id = m."authorId" WHERE u.username = $1`,
        [one.username],
      );
      expect(said).toHaveLength(MESSAGES + 1);
      await becomes(a, awayAgain());
      await recover(cluster);
      await becomes(a, { ...awayAgain(), back: outages + 1, up: 1 });
      outages += 1;
    });
  });
});
