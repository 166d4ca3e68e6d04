import {
  ClosedError,
  type ConnectionStatus,
  createParley,
  ForbiddenError,
  makeConnection,
  makeEventStream,
  type Parley,
  type ParleyEvent,
  RequestError,
  SessionEndedError,
  type TypedDocument,
  UnauthenticatedError,
} from "@parley/sdk";
import { GraphQLError } from "graphql";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { eventually } from "../kit/eventually.ts";
import { messageSent, type Peer, startPeer } from "./peer.ts";

let peer: Peer;
let parley: Parley;

beforeEach(async () => {
  peer = await startPeer();
  parley = createParley({ url: peer.url, token: "secret", webSocketImpl: WebSocket });
});

afterEach(async () => {
  parley.close();
  await peer.stop();
});

function range(count: number, from = 1): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

function seqOf(event: ParleyEvent): number {
  if (event.__typename === "MessageSent") return event.message.seq;
  throw new Error(`Expected a message and got ${event.__typename}.`);
}

async function take<Event>(stream: AsyncIterator<Event>, count: number): Promise<Event[]> {
  const events: Event[] = [];
  while (events.length < count) {
    const { done, value } = await stream.next();
    if (done === true) throw new Error(`The stream ended after ${events.length} events.`);
    events.push(value);
  }
  return events;
}

/** A custom document, as a product with different needs would write it. */
const ownDocument = /* GraphQL */ `
  subscription Own($after: Cursor) {
    events(after: $after) {
      __typename
      cursor
      ... on MessageSent {
        message {
          seq
        }
      }
    }
  }
` as TypedDocument<
  { events: { __typename: string; cursor: string; message?: { seq: number } } },
  { after?: string | null }
>;

/** A seeded generator, so that every run uses the same numbers. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

test("a stream over randomly cut sockets yields each event once and in order", async () => {
  const random = makeRandom(7);
  let cuts = 0;
  let progress = 0;
  peer.onDeliver = () => {
    progress += 1;
    // Cuts only after some progress, so that the test ends in reasonable time.
    if (progress < 60 || random() > 0.1 || cuts === 12) return;
    progress = 0;
    cuts += peer.cut();
  };
  const connection = makeConnection({
    url: peer.url,
    webSocketImpl: WebSocket,
    backoff: { baseMs: 10, capMs: 50 },
  });
  const stream = makeEventStream({ connection, document: ownDocument, after: "at-0" });
  const reading = take(stream, 2_000);
  for (const seq of range(2_000)) {
    peer.append(messageSent(seq));
    // The replay delivers the first events; the others arrive live.
    if (seq % 100 === 0) await eventually(() => peer.delivered >= seq / 4);
  }
  expect((await reading).map((event) => event.message?.seq)).toEqual(range(2_000));
  expect(cuts).toBe(12);
  expect(peer.connections).toBeGreaterThan(12);
  expect(stream.cursor).toBe("at-2000");
  connection.close();
});

test("without a cursor, a stream starts now and resumes from Ready if no event followed", async () => {
  peer.append(messageSent(1), messageSent(2));
  const stream = parley.events();
  await eventually(() => stream.status.state === "live");
  peer.cut();
  await eventually(() => peer.sockets.size === 0);
  peer.append(messageSent(3));
  expect((await take(stream, 1)).map(seqOf)).toEqual([3]);
  expect(peer.subscriptions.map(({ after }) => after)).toEqual([undefined, "at-2"]);
});

test("a heartbeat moves the cursor, and the next connection resumes from it", async () => {
  const stream = parley.events({ types: ["MEMBER_LEFT"] });
  await eventually(() => stream.status.state === "live");
  expect(stream.cursor).toBe("at-0");
  peer.append({ ...messageSent(1), hidden: true });
  peer.heartbeat();
  await eventually(() => stream.cursor === "at-1");
  peer.cut();
  await eventually(() => peer.subscriptions.length === 2);
  expect(peer.subscriptions[1]).toMatchObject({ after: "at-1", types: ["MEMBER_LEFT"] });
});

test("the consumer receives a gap, and the stream continues after it", async () => {
  const stream = parley.events();
  await eventually(() => stream.status.state === "live");
  peer.append({ __typename: "EventGap", reason: "TOO_LONG" }, messageSent(9));
  const [gap, message] = await take(stream, 2);
  expect(gap).toMatchObject({ __typename: "EventGap", reason: "TOO_LONG", cursor: "at-1" });
  expect(message?.cursor).toBe("at-2");
});

test("streams share one socket, which closes after the last stream", async () => {
  const streams = [parley.events(), parley.events(), parley.events()];
  await eventually(() => peer.open === 3);
  expect(peer.connections).toBe(1);
  peer.append(messageSent(1));
  for (const stream of streams) expect((await take(stream, 1)).map(seqOf)).toEqual([1]);
  await streams[0]?.return();
  await eventually(() => peer.open === 2);
  expect(peer.sockets.size).toBe(1);
  await streams[1]?.return();
  await streams[2]?.return();
  await eventually(() => peer.open === 0 && peer.sockets.size === 0);
});

test("leaving the loop releases the subscription and the socket", async () => {
  peer.append(messageSent(1));
  for await (const event of parley.events({ after: "at-0" })) {
    expect(event.__typename).toBe("MessageSent");
    break;
  }
  await eventually(() => peer.open === 0 && peer.sockets.size === 0);
});

test("an aborted signal ends a waiting loop without an error and releases everything", async () => {
  const abort = new AbortController();
  const stream = parley.events({ signal: abort.signal });
  await eventually(() => peer.open === 1);
  const waiting = stream.next();
  abort.abort();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(stream.status.state).toBe("closed");
  await eventually(() => peer.open === 0 && peer.sockets.size === 0);
});

test("a slow consumer pauses the server, keeps the buffer bounded and misses nothing", async () => {
  peer.append(...range(500).map(messageSent));
  const stream = parley.events({ after: "at-0", bufferSize: 20 });
  await eventually(() => stream.status.attempt === 0 && stream.status.state === "reconnecting");
  await eventually(() => peer.open === 0);
  const first = await take(stream, 20);
  expect(first.map(seqOf)).toEqual(range(20));
  expect(stream.cursor).toBe("at-20");
  expect((await take(stream, 480)).map(seqOf)).toEqual(range(480, 21));
  // It resumed from the last received event, although the server had sent more.
  expect(peer.subscriptions[1]).toMatchObject({ after: "at-20" });
});

test("the handshake sends the token, and a new session replaces the connection", async () => {
  const stream = parley.events();
  await eventually(() => stream.status.state === "live");
  parley.token = "another";
  await eventually(() => peer.parameters.length === 2 && stream.status.state === "live");
  expect(peer.parameters).toEqual([{ token: "secret" }, { token: "another" }]);
  peer.append(messageSent(1));
  expect((await take(stream, 1)).map(seqOf)).toEqual([1]);
  expect(peer.sockets.size).toBe(1);
});

test.for([
  [4401, "Unauthorized", UnauthenticatedError, "UNAUTHENTICATED"],
  [4403, "Session ended", SessionEndedError, "SESSION_ENDED"],
  [4403, "Forbidden", ForbiddenError, "FORBIDDEN"],
  [4400, "Invalid message", RequestError, "REQUEST"],
] as const)(
  "close code %i (%s) ends the stream permanently",
  async ([code, reason, type, name]) => {
    const stream = parley.events();
    await eventually(() => stream.status.state === "live");
    const witness = parley.events();
    await eventually(() => witness.status.state === "live");
    peer.append(messageSent(1));
    // Both streams share one socket, so an event received by one has reached the other too.
    await take(witness, 1);
    peer.closeAll(code, reason);
    await expect(witness.next()).rejects.toBeInstanceOf(type);
    await eventually(() => stream.status.state === "closed");
    // Events received before the close are still delivered.
    const received = await stream.next();
    expect(received.done).toBe(false);
    const failure: unknown = await stream.next().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(type);
    expect(failure).toMatchObject({ code: name, retryable: false });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(peer.connections).toBe(1);
  },
);

test("reconnects immediately after a service restart, and with backoff after other losses", async () => {
  const statuses: ConnectionStatus[] = [];
  const connection = makeConnection({
    url: peer.url,
    webSocketImpl: WebSocket,
    backoff: { baseMs: 100, capMs: 10_000, random: () => 0 },
  });
  const onStatus = (status: ConnectionStatus): unknown => statuses.push(status);
  const stream = makeEventStream({ connection, document: ownDocument, onStatus });
  for (const [code, connections] of [
    [1012, 2],
    [4508, 3],
    [4508, 4],
  ] as const) {
    await eventually(() => stream.status.state === "live");
    peer.closeAll(code, `Closed with ${code}`);
    await eventually(() => peer.connections === connections);
  }
  // The connection dropped before it was stable, so each loss counts as another failure.
  expect(statuses.filter(({ retryInMs }) => retryInMs !== undefined)).toEqual([
    { state: "reconnecting", attempt: 1, retryInMs: 0, reason: "Closed with 1012" },
    { state: "reconnecting", attempt: 2, retryInMs: 100, reason: "Closed with 4508" },
    { state: "reconnecting", attempt: 3, retryInMs: 200, reason: "Closed with 4508" },
  ]);
  connection.close();
});

test("a duplicate event is yielded once", async () => {
  const stream = parley.events();
  await eventually(() => stream.status.state === "live");
  peer.append({ ...messageSent(1), repeated: true }, messageSent(2));
  expect((await take(stream, 2)).map(seqOf)).toEqual([1, 2]);
});

test("reconnectNow skips the wait for the next attempt", async () => {
  const stream = parley.events();
  await eventually(() => stream.status.state === "live");
  // Each consecutive failure doubles the delay; the fifth delay takes seconds.
  for (let round = 1; round <= 5; round += 1) {
    peer.cut();
    await eventually(() => stream.status.state === "reconnecting" && peer.sockets.size === 0);
    const began = performance.now();
    stream.reconnectNow();
    await eventually(() => stream.status.state === "live");
    expect(performance.now() - began).toBeLessThan(1_000);
  }
});

test("an unauthenticated error ends the stream", async () => {
  peer.refusals.push(new GraphQLError("Log in.", { extensions: { code: "UNAUTHENTICATED" } }));
  const stream = parley.events();
  await expect(stream.next()).rejects.toBeInstanceOf(UnauthenticatedError);
});

test("a retryable error makes the stream subscribe again", async () => {
  peer.refusals.push(
    new GraphQLError("Unexpected error.", { extensions: { code: "INTERNAL_SERVER_ERROR" } }),
    new GraphQLError("Too much to do.", { extensions: { code: "OVERLOADED", retryAfterMs: 50 } }),
  );
  peer.append(messageSent(1));
  const stream = parley.events({ after: "at-0" });
  expect((await take(stream, 1)).map(seqOf)).toEqual([1]);
  expect(peer.subscriptions.map(({ after }) => after)).toEqual(["at-0", "at-0", "at-0"]);
});

test("an event that the server fails to execute is never skipped silently", async () => {
  peer.append(messageSent(1), { __typename: "MessageSent", broken: true }, messageSent(3));
  const stream = parley.events({ after: "at-0" });
  expect((await take(stream, 1)).map(seqOf)).toEqual([1]);
  await expect(stream.next()).rejects.toBeInstanceOf(RequestError);
  expect(stream.cursor).toBe("at-1");
  expect(peer.subscriptions.length).toBe(5);
});

test("closing the client ends all streams and rejects new ones", async () => {
  const stream = parley.events();
  await eventually(() => stream.status.state === "live");
  const waiting = stream.next();
  parley.close();
  await expect(waiting).rejects.toBeInstanceOf(ClosedError);
  await expect(parley.events().next()).rejects.toBeInstanceOf(ClosedError);
  await eventually(() => peer.sockets.size === 0);
});
