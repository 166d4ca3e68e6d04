import { randomUUID } from "node:crypto";
import { mkdtemp, chmod } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, inject, test } from "vitest";
import { RoughPostgres } from "../chaos/postgres.ts";
import { client, PASSWORD, payload, type TestClient } from "../kit/client.ts";
import {
  EVENTS,
  LOG_IN,
  SEND_MESSAGE,
  type ChatEvent,
  type Room,
  type SendMessageResult,
  type TypedError,
} from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import type { Ended, Stream } from "../kit/inbox.ts";
import { timesLogged, warningsOf } from "../kit/log-lines.ts";
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

/** Maximum time of a response during an outage, in milliseconds. */
const FAST_MS = 4_000;
/** Maximum time of most responses after the outage is detected, in milliseconds. */
const AT_ONCE_MS = 1_000;
const TRIES = 8;
/** Adds the retry time to the selection of a mutation. */
const patient = (mutation: string): string =>
  mutation.replace("... on Error {", "... on OverloadedError { retryAfterMs } ... on Error {");
const SEND = patient(SEND_MESSAGE);
const AWAY = "requests that need it fail";
const BACK = "PostgreSQL responds again";
const ROOMS = "{ rooms(first: 5) { edges { node { name } } } }";

/** A user with an open socket. */
interface Guest {
  http: TestClient;
  socket: Socket;
  events: Stream<ChatEvent>;
  closed: () => Ended | undefined;
}

/** The response to an attempt that must fail. */
interface Refusal {
  code?: string;
  retryAfterMs?: unknown;
}

describeWith("redis-server", "while PostgreSQL is away", () => {
  let postgres: RoughPostgres;
  let a: TestServer;
  let b: TestServer;
  let room: Room;
  let ada: Guest;
  let adaId: string;
  /** A user on the same instance as Ada. */
  let cleo: Guest;
  /** A user on the other instance. */
  let ben: Guest;
  let stories = 0;

  beforeAll(async () => {
    const folder = await mkdtemp(join(inject("scratch"), "outage-"));
    await chmod(folder, 0o755);
    const [made, redis] = await Promise.all([RoughPostgres.make(folder), startRedis()]);
    postgres = made;
    onRelease(() => postgres.stop());
    const start = (): Promise<TestServer> =>
      startServer({ databaseUrl: postgres.url, redisUrl: redis.url });
    [a, b] = await Promise.all([start(), start()]);
  });

  beforeEach(async () => {
    stories += 1;
    const seed = seedOn(a);
    const owner = seed.user(`ada-${stories}`);
    const neighbour = seed.user(`cleo-${stories}`);
    const other = seed.user(`ben-${stories}`).via(b);
    room = await owner.createsRoom(`Room ${stories}`);
    await Promise.all([neighbour.joins(room), other.joins(room)]);
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
    cleo = await guest(await neighbour.client());
    ben = await guest(await other.client());
  });

  const guests = (): readonly Guest[] => [ada, cleo, ben];
  const message = (): Record<string, unknown> => ({
    input: { conversationId: room.id, body: "hello", clientId: randomUUID() },
  });
  /** Response times, in milliseconds. */
  let took: number[] = [];

  /** Returns the code of a timely, retryable error. */
  async function refused(attempt: Promise<Refusal>): Promise<string | undefined> {
    const began = performance.now();
    const { code, retryAfterMs } = await attempt;
    took.push(performance.now() - began);
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(took.at(-1)).toBeLessThan(FAST_MS);
    return code;
  }
  const query = ({ http }: Guest): Promise<string | undefined> =>
    refused(http.send(ROOMS).then(({ errors }) => errors[0]?.extensions ?? {}));
  const mutate = (http: TestClient, mutation: string, variables: object) =>
    refused(
      http
        .send<Record<string, TypedError>>(mutation, { ...variables })
        .then(({ data, errors }) => Object.values(data ?? {})[0] ?? errors[0]?.extensions ?? {}),
    );
  const overSocket = ({ socket }: Guest) =>
    refused(
      socket
        .execute<{ sendMessage: TypedError }>(SEND, message())
        .then(({ data, errors }) => data?.sendMessage ?? errors?.[0]?.extensions ?? {}),
    );
  /** Signal streams about Ada. */
  interface Watch {
    typing: Stream<Activity>;
    presence: Stream<PresenceChange>;
  }
  const watch = async ({ socket }: Guest): Promise<Watch> => {
    const typing = socket.subscribe<Activity>(ACTIVITY, { id: room.id });
    await typing.next();
    const presence = socket.subscribe<PresenceChange>(PRESENCE, { ids: [adaId] });
    await presence.next(({ presence: { status } }) => status === "ONLINE");
    return { typing, presence };
  };
  const signalsPass = async (
    watching: readonly Watch[],
    to: { typing: boolean; status: string },
  ) => {
    const input = { conversationId: room.id, typing: to.typing };
    await ada.socket.execute(SET_TYPING, { input });
    await ada.socket.execute(SET_PRESENCE, { input: { status: to.status } });
    for (const { typing, presence } of watching) {
      await typing.next(
        (change) => change.typing === to.typing && change.user?.username === `ada-${stories}`,
      );
      await presence.next((change) => change.presence.status === to.status);
    }
  };

  test.for([
    ["was stopped", () => postgres.end("SIGINT"), () => postgres.start()],
    ["is frozen", () => postgres.pause(), async () => postgres.resume()],
  ] as const)(
    "when PostgreSQL %s, everything that does not need it continues",
    async ([, away, back]) => {
      const before = [a, b].map((server) => ({
        pid: server.pid,
        warnings: warningsOf(server).length,
        away: timesLogged(server, AWAY),
        back: timesLogged(server, BACK),
      }));
      const watching = [await watch(cleo), await watch(ben)];
      took = [];
      await away();

      // Everything that needs the database quickly returns a retryable error.
      const logIn = patient(LOG_IN);
      const input = { username: `ben-${stories}`, password: PASSWORD };
      for (let number = 0; number < TRIES; number += 1) {
        const codes = await Promise.all([
          query(ada),
          query(ben),
          mutate(ada.http, SEND, message()),
          mutate(client(b), logIn, { input }),
          overSocket(ada),
        ]);
        for (const code of codes) expect(code).toMatch(/^(?:UNAVAILABLE|OVERLOADED)$/);
      }
      expect(took.sort((one, other) => one - other)[took.length >> 1]).toBeLessThan(AT_ONCE_MS);

      // Everything else continues: between users of one instance, and across instances.
      await signalsPass(watching, { typing: true, status: "AWAY" });
      await signalsPass(watching, { typing: false, status: "ONLINE" });
      expect(guests().map(({ closed }) => closed())).toEqual([undefined, undefined, undefined]);

      // The operator sees one log line and the metrics.
      for (const [index, server] of [a, b].entries()) {
        expect(await metricOf(server, "parley_postgres_up")).toBe(0);
        expect(await metricOf(server, "parley_postgres_outages_total")).toBe(stories);
        expect(timesLogged(server, AWAY)).toBe((before[index]?.away ?? 0) + 1);
        const lines = warningsOf(server).slice(before[index]?.warnings);
        // The tail and the first request may notice slightly earlier.
        expect(lines.length, lines.join("\n")).toBeLessThanOrEqual(4);
      }

      await back();
      // The same sockets and streams work again.
      const sent = await eventually(
        async () => {
          const { data } = await ada.socket.execute<{ sendMessage: SendMessageResult }>(
            SEND_MESSAGE,
            message(),
          );
          if (!data) throw new Error("not yet");
          return payload(data.sendMessage);
        },
        { timeoutMs: 10_000 },
      );
      for (const { events } of guests()) {
        await events.next(
          (event) => event.__typename === "MessageSent" && event.message.id === sent.sentMessage.id,
        );
      }
      await signalsPass(watching, { typing: true, status: "AWAY" });
      // Each instance detects the recovery.
      for (const { socket } of guests())
        await eventually(async () =>
          expect(await socket.execute(ROOMS)).toMatchObject({ data: { rooms: {} } }),
        );
      expect(guests().map(({ closed }) => closed())).toEqual([undefined, undefined, undefined]);
      for (const [index, server] of [a, b].entries()) {
        await eventually(async () => expect(await metricOf(server, "parley_postgres_up")).toBe(1));
        expect(server.pid).toBe(before[index]?.pid);
        expect(timesLogged(server, AWAY)).toBe((before[index]?.away ?? 0) + 1);
        expect(timesLogged(server, BACK)).toBe((before[index]?.back ?? 0) + 1);
      }
    },
  );
});
