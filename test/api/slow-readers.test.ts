import { once } from "node:events";
import { getIntrospectionQuery } from "graphql";
import { beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { client } from "../kit/client.ts";
import { createDatabase } from "../kit/database.ts";
import { eventually } from "../kit/eventually.ts";
import { metricOf } from "../kit/metrics.ts";
import { onRelease } from "../kit/resources.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { connect, socketUrl } from "../kit/socket.ts";

const MIB = 1_048_576;

let server: TestServer;
let token: string;

beforeAll(async () => {
  server = await startServer({
    databaseUrl: (await createDatabase()).url,
    env: { SOCKET_BUFFER_BYTES: "65536" },
  });
  ({ token } = await client(server).signUp("greedy"));
});

const sockets = (): Promise<number> => metricOf(server, "parley_sockets");

/** A socket that has been acknowledged, and the types of what it is told. */
async function open(): Promise<{ raw: WebSocket; told: string[] }> {
  const raw = new WebSocket(socketUrl(server), "graphql-transport-ws");
  onRelease(() => raw.terminate());
  raw.on("error", () => undefined);
  const told: string[] = [];
  raw.on("message", (data: Buffer) => told.push(data.toString().slice(0, 60)));
  await once(raw, "open");
  raw.send(JSON.stringify({ type: "connection_init", payload: { token } }));
  await eventually(() => told.length > 0);
  return { raw, told };
}

test("whoever asks for much and reads nothing is not listened to until it has read", async () => {
  const { raw, told } = await open();
  const payload = { query: getIntrospectionQuery() };
  const memory = (): Promise<number> => metricOf(server, "process_resident_memory_bytes");
  // Once before, so that what is kept for good is there already.
  raw.send(JSON.stringify({ id: "first", type: "subscribe", payload }));
  await eventually(() => told.some((text) => text.includes('"complete"')));
  const before = await memory();
  raw.pause();
  // Their answers would be half a gigabyte.
  for (let number = 0; number < 1_000; number += 1)
    raw.send(JSON.stringify({ id: `n${number}`, type: "subscribe", payload }));
  const other = await connect(server, { token });
  for (let round = 0; round < 20; round += 1)
    expect(await other.execute("{ server { name } }")).toHaveProperty("data.server");
  expect((await memory()) - before).toBeLessThan(150 * MIB);
  // It goes on where it was when it is read again.
  raw.resume();
  await eventually(() => told.filter((text) => text.includes('"next"')).length >= 40, {
    timeoutMs: 20_000,
  });
  expect(raw.readyState).toBe(WebSocket.OPEN);
  raw.terminate();
  await other.close();
  await eventually(async () => expect(await sockets()).toBe(0));
});

test("whoever asks for signs of life and takes none is cut off", async () => {
  const { raw } = await open();
  await eventually(async () => expect(await sockets()).toBe(1));
  raw.pause();
  const wave = Buffer.alloc(125, "x");
  await eventually(
    async () => {
      if (raw.readyState === WebSocket.OPEN && raw.bufferedAmount < MIB)
        for (let i = 0; i < 20_000; i += 1) raw.ping(wave);
      expect(await sockets()).toBe(0);
    },
    { timeoutMs: 20_000 },
  );
});
