import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { payload, type TestClient } from "../kit/client.ts";
import { EVENTS, SEND_MESSAGE, type ChatEvent, type Room } from "../kit/documents.ts";
import type { SendMessageResult } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import type { Stream } from "../kit/inbox.ts";
import { metricOf } from "../kit/metrics.ts";
import { describeWith } from "../kit/needs.ts";
import { seedOn } from "../kit/seed.ts";
import type { TestServer } from "../kit/server.ts";
import { ACTIVITY, SET_TYPING, type Activity } from "../kit/signal-documents.ts";
import { connect, type Socket } from "../kit/socket.ts";
import { startCluster, type Cluster } from "./cluster.ts";

// That limits stay on is in rate-limits.test.ts, that sessions end in sessions.test.ts, what becomes of
// presence and typing in signals-cluster.test.ts.

/** Within how long what is said on one instance has to be heard on the other, in milliseconds. */
const DELIVERY_MS = 1_000;
const MESSAGES = 10;

/** Somebody who listens on an instance. */
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

/** Says something and answers how long it takes until the other hears it, in milliseconds. */
async function delay(speaker: Listener, listener: Listener, room: Room): Promise<number> {
  const input = { conversationId: room.id, body: "hello", clientId: randomUUID() };
  const { sentMessage } = payload(
    await speaker.http.mutate<SendMessageResult>(SEND_MESSAGE, { input }),
  );
  const began = performance.now();
  await listener.events.next(
    (event) => event.__typename === "MessageSent" && event.message.id === sentMessage.id,
  );
  return performance.now() - began;
}

const away = ({ output }: TestServer): number => output.split("Redis is away").length - 1;
const back = ({ output }: TestServer): number => output.split("Redis is back").length - 1;

describeWith("redis-server", "while Redis is away", () => {
  let cluster: Cluster;
  let room: Room;
  let ada: Listener;
  let ben: Listener;

  beforeAll(async () => {
    cluster = await startCluster();
    const seed = seedOn(cluster.a);
    room = await seed.user("ada").createsRoom("Room");
    const other = seed.user("ben").via(cluster.b);
    await other.joins(room);
    ada = await listen(await seed.user("ada").client());
    ben = await listen(await other.client());
  });

  test.for([
    ["killed", () => cluster.redis.kill(), () => cluster.redis.start()],
    ["frozen", async () => cluster.redis.pause(), async () => cluster.redis.resume()],
  ] as const)("because it was %s, instances hear of each other within a second", async (how) => {
    const [, goes, comes] = how;
    const told = cluster.instances.map((instance) => [away(instance), back(instance)] as const);
    await goes();
    for (const instance of cluster.instances)
      await eventually(async () => expect(await metricOf(instance, "parley_bus_up")).toBe(0));
    for (let number = 0; number < MESSAGES; number += 1) {
      expect(await delay(ada, ben, room)).toBeLessThan(DELIVERY_MS);
      expect(await delay(ben, ada, room)).toBeLessThan(DELIVERY_MS);
    }
    // Its operator is told once, however much is said meanwhile.
    for (const [index, instance] of cluster.instances.entries())
      expect(away(instance)).toBe((told[index]?.[0] ?? 0) + 1);
    await comes();
    for (const [index, instance] of cluster.instances.entries()) {
      await eventually(async () => expect(await metricOf(instance, "parley_bus_up")).toBe(1));
      await eventually(() => expect(back(instance)).toBe((told[index]?.[1] ?? 0) + 1));
    }
    expect(await delay(ada, ben, room)).toBeLessThan(DELIVERY_MS);
  });
});

describeWith("redis-server", "an instance that is alone with its Redis", () => {
  test("serves its own people fully when that is gone", async () => {
    const { redis, a, b, database } = await startCluster();
    await b.stop();
    const seed = seedOn(a);
    const room = await seed.user("ada").createsRoom("Room");
    await seed.user("ben").joins(room);
    const ada = await listen(await seed.user("ada").client());
    const ben = await listen(await seed.user("ben").client());
    const typing = ben.socket.subscribe<Activity>(ACTIVITY, { id: room.id });
    await typing.next();
    await redis.kill();
    for (let number = 0; number < MESSAGES; number += 1) await delay(ada, ben, room);
    await ada.socket.execute(SET_TYPING, { input: { conversationId: room.id, typing: true } });
    await typing.next((change) => change.typing && change.user.username === "ada");
    await seed.user("cleo").joins(room);
    expect(await delay(ben, ada, room)).toBeLessThan(DELIVERY_MS);
    expect(await database.query(`SELECT 1 FROM "Message"`)).toHaveLength(MESSAGES + 1);
  });
});
