import { randomUUID } from "node:crypto";
import pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { client, payload, type TestClient } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { SEND_MESSAGE, type Room, type SendMessageResult } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { seedOn } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { connect } from "../kit/socket.ts";
import { subscribeSse } from "../kit/sse.ts";
import { loggedMessages } from "./positions.ts";
import { ResumingClient } from "./resuming-client.ts";
import { inParallel } from "./sending.ts";

const EXIT_LIMIT_MS = 10_000;

let database: TestDatabase;
let server: TestServer;
let token: string;
let room: Room;
let ada: TestClient;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url });
  const actor = seedOn(server).user("ada");
  ({ token } = await actor.signsUp());
  room = await actor.createsRoom("Room");
  ada = await actor.client();
});

beforeEach(async () => {
  if (!server.isRunning) await server.restart();
});

const message = (body: string): { input: object } => ({
  input: { conversationId: room.id, body, clientId: randomUUID() },
});

/** Which of the texts are stored. */
async function stored(): Promise<Set<string>> {
  return new Set((await loggedMessages(database)).map(({ body }) => body));
}

describe("SIGTERM", () => {
  test("answers the sends that are under way, over HTTP and over sockets", async () => {
    const socket = await connect(server, { token });
    // Holds all sends back, so that they are under way for certain when the signal comes.
    const release = await holdTheLog();
    const bodies = Array.from({ length: 20 }, (_, number) => `under way ${randomUUID()} ${number}`);
    const answers = bodies.map(async (body, number) => {
      if (number % 2 === 0) return ada.mutate<SendMessageResult>(SEND_MESSAGE, message(body));
      const { data } = await socket.execute<{ sendMessage: SendMessageResult }>(
        SEND_MESSAGE,
        message(body),
      );
      if (!data) throw new Error("unanswered");
      return data.sendMessage;
    });
    await waitingForTheLog();
    const begun = performance.now();
    const stopping = server.stop();
    // It has heard the signal when it accepts nothing new.
    await eventually(async () => {
      await expect(fetch(`${server.url}/health/ready`)).rejects.toThrow();
    });
    await release();
    const sent = (await Promise.all(answers)).map((answer) => payload(answer).sentMessage.body);
    expect(sent).toEqual(bodies);
    expect(await socket.closed).toEqual({ code: 1012, reason: "Service restart" });
    expect(await stopping).toEqual({ code: 0, signal: null });
    expect(performance.now() - begun).toBeLessThan(EXIT_LIMIT_MS);
    for (const body of bodies) expect(await stored()).toContain(body);
  });

  test("asks idle sockets to come back, and ends event streams over HTTP", async () => {
    const socket = await connect(server, { token });
    const stream = socket.subscribe("subscription { events { cursor } }");
    await stream.next();
    const sse = await subscribeSse(server, { token });
    await sse.next();
    const begun = performance.now();
    const stopping = server.stop();
    expect(await socket.closed).toEqual({ code: 1012, reason: "Service restart" });
    expect(await stopping).toEqual({ code: 0, signal: null });
    // Streams are not waited for: they never end by themselves.
    expect(performance.now() - begun).toBeLessThan(EXIT_LIMIT_MS / 2);
    await sse.ended;
  });
});

describe("after kill -9", () => {
  test("no acknowledged message is missing, and clients have all of them once", async () => {
    const listening = new ResumingClient({ name: "ada", token, endpoints: () => [server] });
    await listening.start();
    const acknowledged: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      // Many are under way when it dies; which of them were acknowledged is what matters.
      const bodies = Array.from({ length: 1_000 }, (_, number) => `${round}: ${number}`);
      const killAt = acknowledged.length + 150;
      let killing: Promise<unknown> | undefined;
      await inParallel(bodies, 20, async (body) => {
        if (killing) return;
        const answer = await ada
          .mutate<SendMessageResult>(SEND_MESSAGE, message(body))
          .catch((error: unknown) => {
            if (!killing) throw error;
          });
        if (answer) acknowledged.push(payload(answer).sentMessage.body);
        if (acknowledged.length >= killAt) killing ??= server.kill();
      });
      await killing;
      await server.restart();
    }
    const there = await stored();
    expect(acknowledged.filter((body) => !there.has(body))).toEqual([]);
    const { sentMessage } = payload(
      await client(server).as(token).mutate<SendMessageResult>(SEND_MESSAGE, message("the end")),
    );
    const heardBodies = (): string[] =>
      listening.received.flatMap((event) =>
        event.__typename === "MessageSent" ? event.message.body : [],
      );
    await eventually(() => expect(heardBodies().at(-1)).toBe(sentMessage.body));
    const log = await loggedMessages(database);
    const heard = heardBodies();
    expect(heard).toEqual(log.slice(-heard.length).map(({ body }) => body));
    expect(heard.length).toBeGreaterThan(2 * 150);
  });
});

/** Locks the log's head as another instance would; answers what lets go of it. */
async function holdTheLog(): Promise<() => Promise<void>> {
  const rival = new pg.Client({ connectionString: database.url });
  await rival.connect();
  await rival.query(`BEGIN; SELECT * FROM "LogHead" FOR UPDATE`);
  return async () => {
    await rival.query("ROLLBACK");
    await rival.end();
  };
}

async function waitingForTheLog(): Promise<void> {
  await eventually(async () => {
    const waiting = await database.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    expect(waiting.length).toBeGreaterThan(0);
  });
}
