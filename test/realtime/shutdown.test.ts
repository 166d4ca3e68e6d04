import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import type { Readable } from "node:stream";
import { json } from "node:stream/consumers";
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
/** Maximum duration of the shutdown, shorter than clients keep an idle connection open. */
const KEPT_MS = 2_500;

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

/** Returns which of the texts are stored. */
async function stored(): Promise<Set<string>> {
  return new Set((await loggedMessages(database)).map(({ body }) => body));
}

describe("SIGTERM", () => {
  test("lets running sends complete, over HTTP and sockets", async () => {
    const socket = await connect(server, { token });
    // Blocks all sends, so that they are running when the signal arrives.
    const release = await holdTheLog();
    const bodies = Array.from({ length: 20 }, (_, number) => `under way ${randomUUID()} ${number}`);
    // The client would keep this connection open.
    const first = ada.mutate<SendMessageResult>(SEND_MESSAGE, message("first"));
    await waitingForTheLog();
    const overHttp = bodies.slice(0, 10).map((body) => post(message(body)));
    const overSocket = bodies.slice(10).map(async (body) => {
      const { data } = await socket.execute<SendData>(SEND_MESSAGE, message(body));
      if (!data) throw new Error("unanswered");
      return data.sendMessage;
    });
    const answers = [...overHttp.map(({ answer }) => answer), ...overSocket];
    await Promise.all(overHttp.map(({ written }) => written));
    // Connections are read in order of arrival, so all earlier ones have been read.
    await once(request(`${server.url}/health/live`, { agent: false }).end(), "response");
    expect(await socket.execute("{ server { name } }")).not.toHaveProperty("errors");
    const stopping = server.stop();
    // The server has handled the signal when it is no longer ready.
    await eventually(async () => {
      const ready = await fetch(`${server.url}/health/ready`).catch(() => undefined);
      expect(ready?.ok).not.toBe(true);
    });
    await release();
    expect(payload(await first).sentMessage.body).toBe("first");
    const sent = (await Promise.all(answers)).map((answer) => payload(answer).sentMessage.body);
    expect(sent).toEqual(bodies);
    const answered = performance.now();
    expect(await socket.closed).toEqual({ code: 1012, reason: "Service restart" });
    expect(await stopping).toEqual({ code: 0, signal: null });
    expect(performance.now() - answered).toBeLessThan(KEPT_MS);
    for (const body of bodies) expect(await stored()).toContain(body);
  });

  test("closes idle sockets with a request to reconnect, and ends SSE streams", async () => {
    const socket = await connect(server, { token });
    const stream = socket.subscribe("subscription { events { cursor } }");
    await stream.next();
    const sse = await subscribeSse(server, { token });
    await sse.next();
    const begun = performance.now();
    const stopping = server.stop();
    expect(await socket.closed).toEqual({ code: 1012, reason: "Service restart" });
    expect(await stopping).toEqual({ code: 0, signal: null });
    // The shutdown does not wait for streams, which have no natural end.
    expect(performance.now() - begun).toBeLessThan(EXIT_LIMIT_MS / 2);
    await sse.ended;
  });
});

describe("after kill -9", () => {
  test("no acknowledged message is missing, and clients receive each once", async () => {
    const listening = new ResumingClient({ name: "ada", token, endpoints: () => [server] });
    await listening.start();
    const acknowledged: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      // Many sends are running at the crash; only the acknowledged ones must be stored.
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
    const receivedBodies = (): string[] =>
      listening.received.flatMap((event) =>
        event.__typename === "MessageSent" ? event.message.body : [],
      );
    await eventually(() => expect(receivedBodies().at(-1)).toBe(sentMessage.body));
    const log = await loggedMessages(database);
    const bodies = receivedBodies();
    expect(bodies).toEqual(log.slice(-bodies.length).map(({ body }) => body));
    expect(bodies.length).toBeGreaterThan(2 * 150);
  });
});

interface SendData {
  sendMessage: SendMessageResult;
}

/** Sends a message over a separate connection; `written` resolves when all of it has left. */
function post(variables: object): { written: Promise<void>; answer: Promise<SendMessageResult> } {
  const call = request(`${server.url}/graphql`, {
    method: "POST",
    agent: false,
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
  });
  const answer = once(call, "response").then(async ([response]: unknown[]) => {
    const { data } = (await json(response as Readable)) as { data: SendData };
    return data.sendMessage;
  });
  const written = new Promise<void>((resolve, reject) => {
    call.once("error", reject);
    call.end(JSON.stringify({ query: SEND_MESSAGE, variables }), resolve);
  });
  return { written, answer };
}

/** Locks the log's head like another instance. Returns a function that releases it. */
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
