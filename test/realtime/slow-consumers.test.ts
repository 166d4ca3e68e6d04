import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { payload, type TestClient } from "../kit/client.ts";
import { createDatabase } from "../kit/database.ts";
import { EVENTS, SEND_MESSAGE, type Room, type SendMessageResult } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import type { Ended } from "../kit/inbox.ts";
import { metricOf } from "../kit/metrics.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { connect, socketUrl, type Socket } from "../kit/socket.ts";
import { inParallel } from "./sending.ts";

/** Limit on unsent bytes; bench/works/stalled.ts does the same with the default and a thousand sockets. */
const LIMIT_BYTES = 65_536;
const STALLED = 12;
/** The longest message, of characters with three bytes each. */
const BODY = "€".repeat(8_000);
const EVENT_BYTES = 3 * BODY.length + 2_000;
/** More than the socket buffers of the operating system hold, some 4 to 6 MiB on Linux. */
const MESSAGES = 450;
const PAGE = 50;
const LARGE_ANSWER = /* GraphQL */ `
  query Page($id: ID!) {
    node(id: $id) {
      ... on Conversation {
        messages(last: ${PAGE}) {
          edges {
            node {
              body
            }
          }
        }
      }
    }
  }
`;

let server: TestServer;
let room: Room;
let ada: TestClient;
let token: string;

beforeAll(async () => {
  const { url: databaseUrl } = await createDatabase();
  const env = { SOCKET_BUFFER_BYTES: String(LIMIT_BYTES) };
  server = await startServer({ databaseUrl, env });
  const actor = seedOn(server).user("ada");
  room = await actor.createsRoom("Room");
  ({ token } = await actor.signsUp());
  ada = await actor.client();
});

async function say(body: string): Promise<string> {
  const input = { conversationId: room.id, body, clientId: randomUUID() };
  const answer = await ada.mutate<SendMessageResult>(SEND_MESSAGE, { input });
  return payload(answer).sentMessage.id;
}

/** Returns the maximum of a socket's unsent bytes during the work. */
async function mostUnread(work: () => Promise<unknown>): Promise<number> {
  let isOver = false;
  const working = work().finally(() => (isOver = true));
  let most = 0;
  while (!isOver) most = Math.max(most, await metricOf(server, "parley_unread_bytes_max"));
  await working;
  return most;
}

/** Resumes reading and returns how the server closed the socket. */
async function isOver(socket: Socket): Promise<Ended> {
  socket.resume();
  return socket.closed;
}

test("sockets that stop reading hold little memory, are closed, and affect no other client", async () => {
  const stalled = await Promise.all(
    Array.from({ length: STALLED }, async () => {
      const socket = await connect(server, { token });
      const events = socket.subscribe(EVENTS);
      await events.next();
      socket.pause();
      return socket;
    }),
  );
  const reader = await ada.subscribe();
  await reader.next(({ __typename }) => __typename === "Ready");

  const sent: string[] = [];
  const most = await mostUnread(async () => {
    const numbers = Array.from({ length: MESSAGES }, (_, number) => number);
    await inParallel(numbers, 20, async () => void sent.push(await say(BODY)));
  });
  // The events of one turn may arrive together at an empty queue.
  expect(most).toBeLessThanOrEqual(LIMIT_BYTES + 20 * EVENT_BYTES);

  const received = new Set<string>();
  while (received.size < MESSAGES) {
    const event = await reader.next(({ __typename }) => __typename === "MessageSent");
    if (event.__typename === "MessageSent") received.add(event.message.id);
  }
  expect([...received].toSorted()).toEqual(sent.toSorted());
  expect(await metricOf(server, "parley_slow_sockets_total")).toBe(STALLED);
  for (const socket of stalled) {
    const { code } = await isOver(socket);
    // If the buffer had no room for the close frame either, the server cut the connection.
    expect([4508, 1006]).toContain(code);
  }
  await eventually(async () => expect(await metricOf(server, "parley_unread_bytes")).toBe(0));
});

test("responses that a client requests but does not read do not accumulate", async () => {
  const socket = await connect(server, { token });
  expect(await socket.execute(LARGE_ANSWER, { id: room.id })).not.toHaveProperty("errors");
  socket.pause();
  const most = await mostUnread(async () => {
    for (let count = 0; count < 12; count += 1)
      socket.execute(LARGE_ANSWER, { id: room.id }).catch(() => undefined);
    const before = await metricOf(server, "parley_slow_sockets_total");
    await eventually(async () =>
      expect(await metricOf(server, "parley_slow_sockets_total")).toBeGreaterThan(before),
    );
  });
  expect(most).toBeLessThanOrEqual(LIMIT_BYTES + PAGE * EVENT_BYTES);
  expect([4508, 1006]).toContain((await isOver(socket)).code);
});

test("pongs that a client does not read do not accumulate", async () => {
  const socket = new WebSocket(socketUrl(server), "graphql-transport-ws");
  onRelease(() => socket.terminate());
  await new Promise((resolve) => socket.once("open", resolve));
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  socket.on("error", () => undefined);
  const pong = new Promise((resolve) => socket.once("pong", resolve));
  const text = "x".repeat(125);
  socket.ping(text);
  expect(String(await pong)).toBe(text);
  socket.pause();
  const before = await metricOf(server, "parley_slow_sockets_total");
  const most = await mostUnread(() =>
    eventually(async () => {
      for (let count = 0; count < 10_000; count += 1) socket.ping(text);
      expect(await metricOf(server, "parley_slow_sockets_total")).toBe(before + 1);
    }),
  );
  expect(most).toBeLessThanOrEqual(2 * LIMIT_BYTES);
  socket.resume();
  expect([4508, 1006]).toContain(await closed);
});
