import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { TestClient } from "../kit/client.ts";
import { EVENTS, type ChatEvent, type SessionPayload, REVOKE_SESSION } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import type { Stream } from "../kit/inbox.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { connect, type Socket } from "../kit/socket.ts";
import { subscribeSse } from "../kit/sse.ts";
import { NOTHING_HELD, startInProcess, type InProcess } from "./in-process.ts";

let server: InProcess;
let ada: Actor;
let session: SessionPayload;
let http: TestClient;

beforeAll(async () => {
  server = await startInProcess();
  ada = seedOn(server).user("ada");
  session = await ada.signsUp();
  http = await ada.client();
  const room = await ada.createsRoom("Room");
  for (let number = 0; number < 100; number += 1) await ada.says(room, `message ${number}`);
});

const held = (): typeof NOTHING_HELD => server.app.counts();

/** Waits until the server holds exactly these resources. */
const holds = (expected: Partial<typeof NOTHING_HELD>): Promise<void> =>
  eventually(() => expect(held()).toEqual({ ...NOTHING_HELD, ...expected }));

beforeEach(() => holds({}));

/** Opens a socket with an idle subscription. */
async function idle(): Promise<{ socket: Socket; stream: Stream<ChatEvent> }> {
  const socket = await connect(server, { token: session.token });
  const stream = socket.subscribe<ChatEvent>(EVENTS);
  await stream.next((event) => event.__typename === "Ready");
  await holds({ sockets: 1, people: 1, streams: 1, subscribers: 1, groups: 1 });
  return { socket, stream };
}

describe("an idle subscription leaks nothing", () => {
  test("when its client completes it", async () => {
    const { socket, stream } = await idle();
    stream.complete();
    await holds({ sockets: 1, people: 1 });
    await socket.close();
    await holds({});
  });

  test("when its socket is closed", async () => {
    const { socket } = await idle();
    await socket.close();
    await holds({});
  });

  test("when its connection is cut", async () => {
    const { socket } = await idle();
    await socket.cut();
    await holds({});
  });

  test("when its session is revoked", async () => {
    const { socket } = await idle();
    const other = await http.logIn("ada");
    await http.as(other.token).mutate(REVOKE_SESSION, { input: { sessionId: session.session.id } });
    expect(await socket.closed).toMatchObject({ code: 4403 });
    await holds({});
    session = other;
    http = http.as(other.token);
  });

  test("over SSE when its client disconnects", async () => {
    const sse = await subscribeSse(server, { token: session.token });
    await sse.next((event) => event.__typename === "Ready");
    await holds({ people: 1, streams: 1, subscribers: 1 });
    sse.complete();
    await holds({});
  });
});

describe("nothing is leaked", () => {
  test("by completing one of several subscriptions of a socket", async () => {
    const { socket, stream } = await idle();
    const others = [1, 2].map(() => socket.subscribe<ChatEvent>(EVENTS));
    for (const other of others) await other.next((event) => event.__typename === "Ready");
    await holds({ sockets: 1, people: 1, streams: 3, subscribers: 1, groups: 1 });
    stream.complete();
    await holds({ sockets: 1, people: 1, streams: 2, subscribers: 1, groups: 1 });
    await socket.cut();
    await holds({});
  });

  test("by subscriptions that end before they have started", async () => {
    const socket = await connect(server, { token: session.token });
    const streams = Array.from({ length: 40 }, () => socket.subscribe<ChatEvent>(EVENTS));
    for (const stream of streams) stream.complete();
    const last = socket.subscribe<ChatEvent>(EVENTS);
    await last.next((event) => event.__typename === "Ready");
    await holds({ sockets: 1, people: 1, streams: 1, subscribers: 1, groups: 1 });
    for (let round = 0; round < 20; round += 1) socket.subscribe<ChatEvent>(EVENTS);
    await socket.cut();
    await holds({});
  });

  test("by a connection that is cut during a replay", async () => {
    const sockets = await Promise.all(
      Array.from({ length: 20 }, () => connect(server, { token: session.token })),
    );
    const replays = sockets.map((socket) =>
      socket.subscribe<ChatEvent>(EVENTS, { after: session.cursor }),
    );
    await Promise.all(replays.map((replay) => replay.next()));
    await Promise.all(sockets.map((socket) => socket.cut()));
    await holds({});
  });

  test("by a rejected subscription", async () => {
    const socket = await connect(server);
    const { errors } = await socket.subscribe(EVENTS).ended;
    expect(errors?.[0]?.extensions).toMatchObject({ code: "UNAUTHENTICATED" });
    await holds({ sockets: 1 });
    await socket.close();
    await holds({});
  });
});
