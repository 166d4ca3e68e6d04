import type { AddressInfo } from "node:net";
import { type Connection, type ConnectionStatus, makeConnection } from "@parley/sdk";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import type { WebSocketConstructor } from "../../sdk/src/realtime/websocket.ts";
import { eventually } from "../kit/eventually.ts";

/**
 * A raw WebSocket peer. Tests control every frame, to send frames that a correct server never
 * sends.
 */
let server: WebSocketServer;
let sockets: WebSocket[];
let received: { socket: number; type: string; id?: string }[];
/**
 * Responses of a correct peer, by message type. A test deletes an entry to suppress that response.
 */
let answers: Partial<Record<string, (socket: WebSocket) => void>>;
let connection: Connection;

beforeEach(async () => {
  sockets = [];
  received = [];
  answers = {
    connection_init: (socket) => socket.send('{"type":"connection_ack"}'),
    ping: (socket) => socket.send('{"type":"pong"}'),
  };
  server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (socket) => {
    const number = sockets.push(socket);
    socket.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: string; id?: string };
      received.push({ ...message, socket: number });
      answers[message.type]?.(socket);
    });
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  connection = makeConnection({
    url: `http://127.0.0.1:${port}`,
    times: { connectMs: 150, pingAfterMs: 40, pongWithinMs: 60 },
    backoff: { baseMs: 10, capMs: 20 },
  });
});

afterEach(async () => {
  connection.close();
  for (const socket of sockets) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
});

function start(): { results: unknown[]; statuses: ConnectionStatus[]; stop: () => void } {
  const results: unknown[] = [];
  const statuses: ConnectionStatus[] = [];
  const stop = connection.start({
    payload: () => ({ query: "subscription { events { cursor } }", variables: {} }),
    next: (result) => results.push(result.data),
    error: () => undefined,
    complete: () => undefined,
    status: (status) => statuses.push(status),
    failed: () => undefined,
  });
  return { results, statuses, stop };
}

function subscribed(): { socket: number; id: string }[] {
  return received.flatMap(({ type, id, socket }) =>
    type === "subscribe" && id !== undefined ? [{ id, socket }] : [],
  );
}

function frame(id: string | undefined, data: unknown): string {
  return JSON.stringify({ type: "next", id, payload: { data } });
}

test("the connection reconnects and resubscribes when the server goes silent", async () => {
  delete answers["ping"];
  const { statuses } = start();
  await eventually(() => subscribed().length === 2);
  expect(received.some(({ type, socket }) => type === "ping" && socket === 1)).toBe(true);
  await eventually(() => sockets[0]?.readyState === sockets[0]?.CLOSED);
  expect(statuses).toContainEqual(
    expect.objectContaining({ state: "reconnecting", reason: "The connection went silent." }),
  );
});

test("the connection keeps an idle socket open while the server responds to pings", async () => {
  start();
  await eventually(() => received.filter(({ type }) => type === "ping").length >= 5);
  expect(sockets.length).toBe(1);
  expect(connection.status).toEqual({ state: "live", attempt: 0 });
});

test("the connection responds to a server's ping with a pong", async () => {
  start();
  await eventually(() => subscribed().length === 1);
  sockets[0]?.send('{"type":"ping"}');
  await eventually(() => received.some(({ type }) => type === "pong"));
});

test("the connection retries when the server does not complete the handshake in time", async () => {
  delete answers["connection_init"];
  const { statuses } = start();
  await eventually(() => sockets.length >= 2);
  expect(statuses).toContainEqual(
    expect.objectContaining({ reason: "The server did not respond in time.", attempt: 1 }),
  );
});

test("the connection ignores frames from a replaced socket", async () => {
  const { results } = start();
  await eventually(() => subscribed().length === 1);
  const [old] = sockets;
  const [first] = subscribed();
  // The closing handshake takes a round trip, during which the old peer may send. A paused peer
  // never sees the close.
  old?.pause();
  connection.renew();
  await eventually(() => subscribed().length === 2);
  const second = subscribed()[1];
  expect(second?.id).not.toBe(first?.id);
  old?.send(frame(first?.id, "late, old id"));
  old?.send(frame(second?.id, "late, new id"));
  sockets[1]?.send(frame(first?.id, "new socket, old id"));
  sockets[1]?.send(frame(second?.id, "right"));
  await eventually(() => results.length > 0);
  expect(results).toEqual(["right"]);
});

test("a stopped operation sends `complete` and receives no further results", async () => {
  const stopped = start();
  const other = start();
  await eventually(() => subscribed().length === 2);
  stopped.stop();
  await eventually(() => received.some(({ type }) => type === "complete"));
  const [first, second] = subscribed();
  sockets[0]?.send(frame(first?.id, "too late"));
  sockets[0]?.send(frame(second?.id, "in time"));
  await eventually(() => other.results.length > 0);
  expect(stopped.results).toEqual([]);
  expect(received.find(({ type }) => type === "complete")?.id).toBe(first?.id);
});

test.for(["not JSON", '{"type":"unheard of"}', '{"type":"next"}'])(
  "an invalid frame (%s) closes the socket but keeps the operation",
  async (bad) => {
    const { results } = start();
    await eventually(() => subscribed().length === 1);
    sockets[0]?.send(bad);
    await eventually(() => subscribed().length === 2);
    sockets[1]?.send(frame(subscribed()[1]?.id, "still here"));
    await eventually(() => results.length === 1);
  },
);

test("an operation stopped before its socket opens leaves no socket open", async () => {
  const { stop } = start();
  stop();
  const { results } = start();
  await eventually(() => subscribed().length === 1);
  sockets.at(-1)?.send(frame(subscribed()[0]?.id, "the second"));
  await eventually(() => results.length === 1);
  await eventually(() => server.clients.size === 1);
});

test("retry delays never exceed ten seconds, however long the server is down", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  /** A platform without a network. */
  class Unreachable {
    readonly readyState = 3;
    addEventListener(type: string, listener: (event: object) => void): void {
      if (type === "close") queueMicrotask(() => listener({ code: 1006, reason: "" }));
    }
    send = (): void => undefined;
    close = (): void => undefined;
  }
  const waits: number[] = [];
  const lonely = makeConnection({
    url: "http://127.0.0.1:9",
    webSocketImpl: Unreachable as unknown as WebSocketConstructor,
  });
  lonely.start({
    payload: () => ({ query: "{ a }", variables: {} }),
    next: () => undefined,
    error: () => undefined,
    complete: () => undefined,
    status: ({ retryInMs }) => retryInMs !== undefined && waits.push(retryInMs),
    failed: () => undefined,
  });
  for (let attempt = 0; attempt < 40; attempt += 1) await vi.advanceTimersByTimeAsync(10_000);
  lonely.close();
  expect(waits.length).toBeGreaterThanOrEqual(40);
  expect(Math.max(...waits)).toBeLessThanOrEqual(10_000);
  // By now the backoff has reached its cap, and jitter spreads the attempts.
  expect(Math.min(...waits.slice(10))).toBeGreaterThanOrEqual(5_000);
  expect(new Set(waits.slice(10)).size).toBeGreaterThan(5);
});
