import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buildSchema, GraphQLError, type GraphQLSchema } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { type WebSocket, WebSocketServer } from "ws";

/** An event of the schema. The log adds `cursor` and `at`. */
export type PeerEvent = { __typename: string } & Record<string, unknown>;

/**
 * A test server for the SDK's event stream: graphql-ws over an in-memory log. It can cut sockets as
 * a bad network does.
 */
export interface Peer {
  readonly url: string;
  /** Open sockets. */
  readonly sockets: ReadonlySet<WebSocket>;
  /** Number of sockets ever opened. */
  readonly connections: number;
  /** The `connectionParams` of each handshake. */
  readonly parameters: readonly unknown[];
  /** The variables of each started subscription. */
  readonly subscriptions: readonly Record<string, unknown>[];
  /** Number of open subscriptions. */
  readonly open: number;
  /** Number of events passed to subscriptions. */
  readonly delivered: number;
  /** Called before each delivery, so that a test can cut sockets there. */
  onDeliver: (() => void) | undefined;
  /** Errors to return for the next subscriptions. */
  readonly refusals: GraphQLError[];
  /** Appends to the log. */
  append(...events: PeerEvent[]): void;
  /** Sends the head of the log to all open subscriptions. */
  heartbeat(): void;
  /** Cuts all sockets without a closing handshake. Returns their number. */
  cut(): number;
  /** Closes all sockets with a closing handshake. */
  closeAll(code: number, reason: string): void;
  stop(): Promise<void>;
}

export function messageSent(seq: number): PeerEvent {
  const author = { __typename: "User", id: "u1", username: "ada", displayName: "Ada" };
  const at = new Date(Date.UTC(2026, 0, 1) + seq).toISOString();
  return {
    __typename: "MessageSent",
    conversationId: "c1",
    message: {
      __typename: "Message",
      id: `m${seq}`,
      conversationId: "c1",
      seq,
      body: `message ${seq}`,
      clientId: null,
      createdAt: at,
      kind: "TEXT",
      system: null,
      attachments: [],
      reactions: [],
      mentions: [],
      replyTo: null,
      threadRootId: null,
      threadRoot: null,
      thread: null,
      author,
    },
  };
}

export async function startPeer(): Promise<Peer> {
  const log: PeerEvent[] = [];
  const sockets = new Set<WebSocket>();
  const parameters: unknown[] = [];
  const subscriptions: Record<string, unknown>[] = [];
  const streams = new Set<Stream>();
  const refusals: GraphQLError[] = [];
  let connections = 0;
  let delivered = 0;

  const peer: Peer = {
    url: "",
    sockets,
    get connections() {
      return connections;
    },
    parameters,
    subscriptions,
    get open() {
      return streams.size;
    },
    get delivered() {
      return delivered;
    },
    onDeliver: undefined,
    refusals,
    append(...events) {
      for (const event of events) {
        const at = new Date().toISOString();
        log.push({ ...event, cursor: cursorOf(log.length + 1), at });
      }
      for (const stream of streams) stream.wake();
    },
    heartbeat() {
      for (const stream of streams) stream.beat();
    },
    cut() {
      const open = [...sockets].filter((socket) => socket.readyState === socket.OPEN);
      for (const socket of open) socket.terminate();
      return open.length;
    },
    closeAll(code, reason) {
      for (const socket of sockets) socket.close(code, reason);
    },
    async stop() {
      for (const socket of sockets) socket.terminate();
      await disposable.dispose();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function subscribe(variables: Record<string, unknown>): AsyncIterableIterator<unknown> {
    subscriptions.push(variables);
    const refusal = refusals.shift();
    if (refusal !== undefined) throw refusal;
    const { after } = variables;
    const stream = makeStream(log, typeof after === "string" ? positionOf(after) : undefined, {
      deliver() {
        delivered += 1;
        peer.onDeliver?.();
      },
      ended: () => streams.delete(stream),
    });
    streams.add(stream);
    return stream.iterator;
  }

  const server = createServer();
  const wss = new WebSocketServer({ server, path: "/graphql" });
  wss.on("connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const disposable = useServer(
    {
      schema: schemaWith(subscribe),
      onConnect: (context) => {
        parameters.push(context.connectionParams);
        return true;
      },
    },
    wss,
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(peer, { url: `http://127.0.0.1:${port}/graphql` });
}

function cursorOf(position: number): string {
  return `at-${position}`;
}

function positionOf(cursor: string): number {
  return Number(cursor.slice(3));
}

function schemaWith(
  subscribe: (variables: Record<string, unknown>) => AsyncIterableIterator<unknown>,
): GraphQLSchema {
  const file = join(import.meta.dirname, "../../schema.graphql");
  const schema = buildSchema(readFileSync(file, "utf8"));
  const events = schema.getSubscriptionType()?.getFields()["events"];
  if (events === undefined) throw new Error("The schema has no subscription `events`.");
  events.subscribe = (_root, args: Record<string, unknown>) => subscribe(args);
  events.resolve = (event: unknown) => {
    if (event instanceof GraphQLError) throw event;
    return event;
  };
  return schema;
}

interface Stream {
  readonly iterator: AsyncIterableIterator<unknown>;
  wake(): void;
  beat(): void;
}

/** The events of one subscription: Ready, then the log after the cursor. */
function makeStream(
  log: readonly PeerEvent[],
  after: number | undefined,
  on: { deliver(): void; ended(): void },
): Stream {
  let position = after ?? log.length;
  const waiting: unknown[] = [marker("Ready", position)];
  let waiter: ((result: IteratorResult<unknown, undefined>) => void) | undefined;
  let ended = false;

  function marker(type: string, at: number): PeerEvent {
    return { __typename: type, cursor: cursorOf(at), at: new Date().toISOString() };
  }

  function pull(): unknown {
    if (waiting.length > 0) return waiting.shift();
    if (position >= log.length) return undefined;
    position += 1;
    const event = log[position - 1];
    // Invisible to this subscriber, who learns of the new position only from heartbeats.
    if (event?.["hidden"] === true) return pull();
    if (event?.["repeated"] === true) waiting.push(event);
    // A broken event, whose execution fails.
    if (event?.["broken"] !== true) return event;
    return new GraphQLError("Unexpected error.", { extensions: { code: "INTERNAL_SERVER_ERROR" } });
  }

  function wake(): void {
    if (waiter === undefined || ended) return;
    const value = pull();
    if (value === undefined) return;
    const resolve = waiter;
    waiter = undefined;
    on.deliver();
    resolve({ done: false, value });
  }

  return {
    wake,
    beat() {
      waiting.push(marker("Heartbeat", position));
      wake();
    },
    iterator: {
      [Symbol.asyncIterator]() {
        return this;
      },
      next() {
        return new Promise((resolve) => {
          if (ended) {
            resolve({ done: true, value: undefined });
            return;
          }
          waiter = resolve;
          wake();
        });
      },
      return() {
        if (!ended) on.ended();
        ended = true;
        waiter?.({ done: true, value: undefined });
        return Promise.resolve({ done: true, value: undefined });
      },
    },
  };
}
