import { randomUUID } from "node:crypto";
import { mkdtemp, chmod } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, inject, test } from "vitest";
import { RoughPostgres } from "../chaos/postgres.ts";
import { payload, type TestClient } from "../kit/client.ts";
import {
  SEND_MESSAGE,
  type ChatEvent,
  type Room,
  type SendMessageResult,
  type TypedError,
} from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import type { Ended, Stream } from "../kit/inbox.ts";
import { metricOf } from "../kit/metrics.ts";
import { describeWith } from "../kit/needs.ts";
import { startRedis } from "../kit/redis.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import {
  ACTIVITY,
  PRESENCE,
  SET_PRESENCE,
  SET_TYPING,
  type Activity,
  type PresenceChange,
} from "../kit/signal-documents.ts";
import { connect, type Socket } from "../kit/socket.ts";
import { EVENTS } from "../kit/documents.ts";

/** How long any answer may take while the database is away, in milliseconds. */
const FAST_MS = 4_000;
const TRIES = 12;
/** As in the kit's, with the time to wait. */
const SEND = SEND_MESSAGE.replace(
  "... on Error {",
  "... on OverloadedError { retryAfterMs } ... on Error {",
);
const ROOMS = "{ rooms(first: 5) { edges { node { name } } } }";

/** Somebody with a socket that is open all the time. */
interface Guest {
  http: TestClient;
  socket: Socket;
  events: Stream<ChatEvent>;
  closed: () => Ended | undefined;
}

describeWith("redis-server", "while PostgreSQL is away", () => {
  let postgres: RoughPostgres;
  let a: TestServer;
  let b: TestServer;
  let room: Room;
  let ada: Guest;
  let adaId: string;
  let ben: Guest;
  let stories = 0;

  beforeAll(async () => {
    const folder = await mkdtemp(join(inject("scratch"), "outage-"));
    await chmod(folder, 0o755);
    postgres = await RoughPostgres.make(folder);
    onRelease(() => postgres.stop());
    const redis = await startRedis();
    const start = (): Promise<TestServer> =>
      startServer({ databaseUrl: postgres.url, redisUrl: redis.url });
    a = await start();
    b = await start();
  });

  beforeEach(async () => {
    stories += 1;
    const seed = seedOn(a);
    const owner = seed.user(`ada-${stories}`);
    const other = seed.user(`ben-${stories}`).via(b);
    room = await owner.createsRoom(`Room ${stories}`);
    await other.joins(room);
    adaId = (await owner.signsUp()).user.id;
    const guest = async (http: TestClient): Promise<Guest> => {
      const socket = await connect(http.url, { token: http.token ?? "" });
      let ended: Ended | undefined;
      void socket.closed.then((how) => (ended = how));
      const events = socket.subscribe<ChatEvent>(EVENTS);
      await events.next(({ __typename }) => __typename === "Ready");
      return { http, socket, events, closed: () => ended };
    };
    ada = await guest(await owner.client());
    ben = await guest(await other.client());
  });

  const message = (): Record<string, unknown> => ({
    input: { conversationId: room.id, body: "hello", clientId: randomUUID() },
  });

  /** What went wrong, and after how long. */
  async function refused(attempt: () => Promise<{ code?: string; retryAfterMs?: unknown }>) {
    const began = performance.now();
    const { code, retryAfterMs } = await attempt();
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(performance.now() - began).toBeLessThan(FAST_MS);
    return code;
  }
  const query = (http: TestClient) =>
    refused(async () => (await http.send(ROOMS)).errors[0]?.extensions ?? {});
  const send = (http: TestClient) =>
    refused(async () => {
      const { data, errors } = await http.send<{ sendMessage: TypedError }>(SEND, message());
      return data?.sendMessage ?? errors[0]?.extensions ?? {};
    });

  /** Lines of an instance's log that warn, since it was started. */
  const warnings = ({ output }: TestServer): string[] =>
    output.split("\n").filter((line) => /"level":(?:40|50|60)/.test(line));

  test.for([
    ["it was ended", () => postgres.end("SIGINT"), () => postgres.start()],
    ["it is frozen", () => postgres.pause(), async () => postgres.resume()],
  ] as const)("because %s, all goes on that can", async ([, away, back]) => {
    const before = [a, b].map((server) => warnings(server).length);
    const [pidOfA, pidOfB] = [a.pid, b.pid];
    const typing = ben.socket.subscribe<Activity>(ACTIVITY, { id: room.id });
    await typing.next();
    const presence = ben.socket.subscribe<PresenceChange>(PRESENCE, { ids: [adaId] });
    await presence.next(({ presence: { status } }) => status === "ONLINE");
    await away();

    // Everything that needs the database says so, soon, and that it may be tried again.
    for (let number = 0; number < TRIES; number += 1) {
      const codes = await Promise.all([query(ada.http), send(ada.http), query(ben.http)]);
      expect(codes).toEqual([
        "UNAVAILABLE",
        expect.stringMatching(/UNAVAILABLE|OVERLOADED/),
        "UNAVAILABLE",
      ]);
    }
    const overSocket = await ada.socket.execute<{ sendMessage: TypedError }>(
      SEND_MESSAGE,
      message(),
    );
    expect(JSON.stringify(overSocket)).toMatch(/UNAVAILABLE|OVERLOADED/);

    // What does not need it goes on, from one instance to the other.
    const input = { conversationId: room.id, typing: true };
    await ada.socket.execute(SET_TYPING, { input });
    await typing.next((change) => change.typing && change.user.username === `ada-${stories}`);
    await ada.socket.execute(SET_PRESENCE, { input: { status: "AWAY" } });
    await presence.next(({ presence: { status } }) => status === "AWAY");
    expect([ada.closed(), ben.closed()]).toEqual([undefined, undefined]);

    // The operator is told: once, and by a figure.
    for (const [index, server] of [a, b].entries()) {
      expect(await metricOf(server, "parley_postgres_up")).toBe(0);
      expect(await metricOf(server, "parley_postgres_outages_total")).toBe(stories);
      const told = warnings(server).slice(before[index]);
      expect(told.filter((line) => line.includes("what needs it is refused"))).toHaveLength(1);
      // Whoever follows the log and the first who asked may have noticed a moment earlier.
      expect(told.length, told.join("\n")).toBeLessThanOrEqual(4);
    }

    await back();
    const sent = await eventually(
      async () => payload(await ada.http.mutate<SendMessageResult>(SEND_MESSAGE, message())),
      { timeoutMs: 10_000 },
    );
    for (const { events } of [ada, ben]) {
      await events.next(
        (event) => event.__typename === "MessageSent" && event.message.id === sent.sentMessage.id,
      );
    }
    expect([ada.closed(), ben.closed()]).toEqual([undefined, undefined]);
    expect([a.pid, b.pid]).toEqual([pidOfA, pidOfB]);
    for (const server of [a, b])
      await eventually(async () => expect(await metricOf(server, "parley_postgres_up")).toBe(1));
  });
});
