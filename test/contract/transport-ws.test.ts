// Tests graphql-transport-ws message by message, as specified in
// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. All other tests use the official
// client.
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { REVOKE_SESSION, SEND_MESSAGE } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { Inbox } from "../kit/inbox.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { socketUrl } from "../kit/socket.ts";
import { NOTHING_HELD, startInProcess, type InProcess } from "../realtime/in-process.ts";

type Message = { type: string; id?: string; payload?: unknown };

const NAME = "{ server { name } }";
const EVENTS = "subscription { events { __typename } }";
/** With the root in a fragment, the server cannot recognize the stream. */
const FRAGMENT =
  "subscription { ...Root } fragment Root on Subscription { events { __typename cursor } }";

let server: InProcess;
let token: string;
let wanda: Actor;

beforeAll(async () => {
  server = await startInProcess();
  wanda = seedOn(server).user("wanda");
  ({ token } = await wanda.signsUp());
});

const LAST = /* GraphQL */ `
  query Last($id: ID!) {
    node(id: $id) {
      ... on Room {
        lastSeq
      }
    }
  }
`;

const lines = new Set<Line>();
afterEach(() => {
  for (const { socket } of lines) socket.terminate();
  lines.clear();
});

/** A socket that sends and receives raw messages. */
class Line {
  readonly received = new Inbox<Message>("socket");
  readonly socket: WebSocket;

  constructor(protocol = "graphql-transport-ws") {
    this.socket = new WebSocket(socketUrl(server), protocol);
    this.socket.on("message", (data: Buffer) => {
      this.received.push(JSON.parse(data.toString()) as Message);
    });
    this.socket.on("close", (code, reason) => {
      this.received.end({ code, reason: reason.toString() });
    });
    lines.add(this);
  }

  static async open(): Promise<Line> {
    const line = new Line();
    await once(line.socket, "open");
    return line;
  }

  /** Opens an acknowledged socket. */
  static async ready(): Promise<Line> {
    const line = await Line.open();
    line.say({ type: "connection_init", payload: { token } });
    expect(await line.received.next()).toEqual({ type: "connection_ack" });
    return line;
  }

  say(...messages: readonly object[]): void {
    for (const message of messages) this.socket.send(JSON.stringify(message));
  }

  ask(id: string, query: string, more: object = {}): void {
    this.say({ type: "subscribe", id, payload: { query, ...more } });
  }

  /** Collects all messages until an operation is over, in order. */
  async until(id: string): Promise<Message[]> {
    const all: Message[] = [];
    for (;;) {
      const message = await this.received.next();
      all.push(message);
      if (message.id === id && message.type !== "next") return all;
    }
  }
}

const named = { data: { server: { name: expect.any(String) as string } } };

describe("a connection", () => {
  test("is acknowledged once and closed on a second request", async () => {
    const line = await Line.ready();
    line.say({ type: "connection_init" });
    expect(await line.received.ended).toMatchObject({ code: 4429 });
  });

  test("is closed on two immediate requests", async () => {
    const line = await Line.open();
    line.say({ type: "connection_init", payload: { token } }, { type: "connection_init" });
    expect(await line.received.ended).toMatchObject({ code: 4429 });
  });

  test("is acknowledged without a token for an anonymous client", async () => {
    const line = await Line.open();
    line.say({ type: "connection_init", payload: null });
    expect(await line.received.next()).toEqual({ type: "connection_ack" });
    line.ask("1", "{ viewer { user { username } } }");
    expect(await line.until("1")).toMatchObject([{ type: "next" }, { type: "complete" }]);
  });

  test("is closed with an invalid token", async () => {
    const line = await Line.open();
    line.say({ type: "connection_init", payload: { token: "worthless" } });
    expect(await line.received.ended).toMatchObject({ code: 4401 });
    expect(line.received.all).toEqual([]);
  });

  test("handles all messages that arrive together, in order", async () => {
    const line = await Line.ready();
    // One write, so that the server reads it as one chunk.
    const wire = (line.socket as unknown as { _socket: { cork(): void; uncork(): void } })._socket;
    wire.cork();
    const ids = ["1", "2", "3"];
    for (const id of ids) line.ask(id, NAME);
    line.say({ type: "ping" });
    wire.uncork();
    for (let left = 7; left > 0; left -= 1) await line.received.next();
    expect(line.received.all.filter(({ type }) => type === "pong")).toHaveLength(1);
    expect(
      line.received.all.flatMap(({ id, type }) => (type === "complete" ? id : [])).sort(),
    ).toEqual(ids);
  });

  test("answers pings with their payload", async () => {
    const line = await Line.open();
    line.say({ type: "ping" }, { type: "ping", payload: { n: 1 } }, { type: "pong" });
    expect(await line.received.next()).toEqual({ type: "pong" });
    expect(await line.received.next()).toEqual({ type: "pong", payload: { n: 1 } });
    line.socket.ping("frame");
    expect(String((await once(line.socket, "pong"))[0])).toBe("frame");
  });

  test.for(["connection_ack", "next", "error"])(
    "is closed by a message of the wrong direction: %s",
    async (type) => {
      const line = await Line.ready();
      line.say({ type, id: "1", payload: type === "error" ? [{ message: "no" }] : {} });
      expect(await line.received.ended).toMatchObject({ code: 4400 });
    },
  );
});

describe("an operation", () => {
  test("gets its result and then complete, and its id is free again", async () => {
    const line = await Line.ready();
    for (let round = 0; round < 3; round += 1) {
      line.ask("1", NAME);
      expect(await line.until("1")).toEqual([
        { id: "1", type: "next", payload: named },
        { id: "1", type: "complete" },
      ]);
    }
  });

  test("may be one of many, and each gets one result", async () => {
    const line = await Line.ready();
    const ids = Array.from({ length: 20 }, (_, index) => `op-${index}`);
    for (const id of ids) line.ask(id, NAME);
    const received: Message[] = [];
    while (received.length < 2 * ids.length) received.push(await line.received.next());
    for (const id of ids)
      expect(received.filter((message) => message.id === id).map(({ type }) => type)).toEqual([
        "next",
        "complete",
      ]);
  });

  test("with an id in use closes the socket", async () => {
    const line = await Line.ready();
    line.ask("1", EVENTS);
    await line.received.next();
    line.ask("1", NAME);
    expect(await line.received.ended).toMatchObject({
      code: 4409,
      reason: "Subscriber for 1 already exists",
    });
  });

  test("with an id in use closes the socket, even if the id is too long for the close reason", async () => {
    const line = await Line.ready();
    const id = "é".repeat(200);
    line.ask(id, EVENTS);
    expect(await line.received.next()).toMatchObject({ id, type: "next" });
    line.ask(id, NAME);
    expect(await line.received.ended).toMatchObject({ code: 4409 });
  });

  test("with too long an id closes the socket", async () => {
    const line = await Line.ready();
    line.ask("x".repeat(512), NAME);
    expect(await line.until("x".repeat(512))).toHaveLength(2);
    line.ask("x".repeat(513), NAME);
    expect(await line.received.ended).toMatchObject({ code: 4400 });
  });

  test.for<[what: string, query: string, more: object, code: string | undefined]>([
    ["cannot be parsed", "{", {}, "GRAPHQL_PARSE_FAILED"],
    ["is not valid", "{ nonsense }", {}, "GRAPHQL_VALIDATION_FAILED"],
    [
      "has an operationName that the document lacks",
      `query A ${NAME} query B ${NAME}`,
      { operationName: "C" },
      undefined,
    ],
    [
      "has several operations and no operationName",
      `query A ${NAME} query B ${NAME}`,
      {},
      undefined,
    ],
  ])("that %s is rejected, and the socket stays open", async ([, query, more, code]) => {
    const line = await Line.ready();
    line.ask("1", query, more);
    expect(await line.until("1")).toMatchObject([
      { type: "error", payload: [code === undefined ? {} : { extensions: { code } }] },
    ]);
    line.ask("1", NAME);
    expect(await line.until("1")).toHaveLength(2);
  });

  test("is selected by its name and receives its variables", async () => {
    const line = await Line.ready();
    const query = `query A { __typename } query B($with: Boolean!) { server { name @include(if: $with) } }`;
    line.ask("1", query, { operationName: "B", variables: { with: true } });
    expect((await line.until("1"))[0]).toMatchObject({ payload: named });
    line.ask("1", query, { operationName: "B", variables: { with: false } });
    expect((await line.until("1"))[0]).toMatchObject({ payload: { data: { server: {} } } });
  });

  test("cancelled by the client gets no result", async () => {
    const line = await Line.ready();
    line.ask("1", NAME);
    line.say({ type: "complete", id: "1" });
    line.ask("2", NAME);
    expect((await line.until("2")).map(({ id }) => id)).toEqual(["2", "2"]);
  });

  test("that does not exist can be cancelled without effect", async () => {
    const line = await Line.ready();
    line.say({ type: "complete", id: "never" });
    line.ask("1", NAME);
    expect(await line.until("1")).toHaveLength(2);
  });
});

describe.for([
  ["a stream", EVENTS, "Here"],
  ["a subscription whose root field is in a fragment", FRAGMENT, "There"],
] as const)("%s", ([, query, room]) => {
  test("sends events until it is cancelled, and then nothing", async () => {
    const line = await Line.ready();
    line.ask("1", query);
    expect(await line.received.next()).toMatchObject({
      id: "1",
      type: "next",
      payload: { data: { events: { __typename: "Ready" } } },
    });
    await wanda.createsRoom(room);
    expect(await line.received.next()).toMatchObject({ id: "1", type: "next" });
    line.say({ type: "complete", id: "1" });
    line.ask("2", NAME);
    const after = await line.until("2");
    expect(after.filter(({ type }) => type !== "next").map(({ id }) => id)).toEqual(["2"]);
    await eventually(() => {
      expect(server.app.counts().streams).toBe(0);
    });
  });

  test("is rejected for an anonymous client", async () => {
    const line = await Line.open();
    line.say({ type: "connection_init" });
    await line.received.next();
    line.ask("1", query);
    expect(await line.until("1")).toMatchObject([
      { type: "error", payload: [{ extensions: { code: "UNAUTHENTICATED" } }] },
    ]);
  });

  test("leaks nothing if its socket closes while it starts", async () => {
    const line = await Line.ready();
    for (let count = 0; count < 5; count += 1) line.ask(String(count), query);
    line.socket.terminate();
    await eventually(() => {
      expect(server.app.counts()).toEqual(NOTHING_HELD);
    });
  });
});

test("a client whose session has ended gets no results, even if it ignores the close", async () => {
  const room = await wanda.createsRoom("After the end");
  const http = await wanda.client();
  const lastSeq = async (): Promise<number> =>
    (await http.query<{ node: { lastSeq: number } }>(LAST, { id: room.id })).node.lastSeq;
  const before = await lastSeq();
  const ended = await http.logIn("wanda");
  const line = await Line.open();
  line.say({ type: "connection_init", payload: { token: ended.token } });
  expect(await line.received.next()).toEqual({ type: "connection_ack" });
  line.socket.pause();
  await http.mutate(REVOKE_SESSION, { input: { sessionId: ended.session.id } });
  const input = { conversationId: room.id, body: "I am still here" };
  for (let count = 0; count < 5; count += 1)
    line.ask(String(count), SEND_MESSAGE, { variables: { input } });
  await eventually(() => {
    expect(server.app.counts()).toEqual(NOTHING_HELD);
  });
  expect(await lastSeq()).toBe(before);
});

test("a rejected connection closes, even if the client keeps its side open", async () => {
  const socket = connectTcp({ port: server.app.port, host: "127.0.0.1", allowHalfOpen: true });
  onRelease(() => void socket.destroy());
  const gone = new Promise((resolve) => socket.once("error", resolve));
  socket.write(
    "GET /nope HTTP/1.1\r\nHost: parley\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  );
  let answer = "";
  socket.on("data", (data: Buffer) => (answer += data.toString()));
  await once(socket, "end");
  expect(answer).toMatch(/^HTTP\/1.1 404 /);
  const writing = setInterval(() => socket.write("still here"), 10);
  onRelease(() => {
    clearInterval(writing);
  });
  expect(await gone).toMatchObject({ code: expect.stringMatching(/EPIPE|ECONNRESET/) as string });
});

test("a socket of another protocol is rejected", async () => {
  const line = new Line("graphql-ws");
  const [error] = (await once(line.socket, "error")) as [Error];
  expect(error.message).toMatch(/subprotocol|400/i);
});
