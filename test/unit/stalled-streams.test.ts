import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, expect, test } from "vitest";
import { cutWhenStalled } from "../../server/http/stalled-streams.ts";
import { eventually } from "../kit/eventually.ts";
import { onRelease } from "../kit/resources.ts";

const LIMIT_MS = 300;
/** Write interval; each write exceeds the buffers of a connection whose reader has stopped. */
const EVERY_MS = 20;
const EVENT = `event: next\ndata: ${"x".repeat(2_000_000)}\n\n`;
const SIGN_OF_LIFE = ":\n\n";

let url: string;
/** Open streams, by path. */
const open = new Set<string>();

beforeAll(async () => {
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    open.add(path);
    response.once("close", () => open.delete(path));
    cutWhenStalled(response, LIMIT_MS);
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    const write = (): void => {
      // Events are written only if the reader keeps up; heartbeats are always written.
      if (path === "/quiet" || response.writableNeedDrain) response.write(SIGN_OF_LIFE);
      else response.write(EVENT);
    };
    write();
    const writing = setInterval(write, EVERY_MS);
    response.once("close", () => clearInterval(writing));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onRelease(() => {
    server.closeAllConnections();
    server.close();
  });
});

/** Opens a stream of the server. */
function read(path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url + path, (answer) => {
      answer.on("error", () => undefined);
      resolve(answer);
    }).on("error", reject);
  });
}

test("an event stream is cut if its client reads nothing, but not if the client reads or the stream is quiet", async () => {
  const [stalled, busy, quiet] = [
    await read("/stalled"),
    await read("/busy"),
    await read("/quiet"),
  ];
  stalled.pause();
  let bytes = 0;
  let signs = 0;
  busy.on("data", (chunk: Buffer) => (bytes += chunk.length));
  quiet.on("data", (chunk: Buffer) => (signs += chunk.length / SIGN_OF_LIFE.length));
  await eventually(() => expect(open).not.toContain("/stalled"));
  // The other streams have been read for longer than the limit, and continue.
  const before = { bytes, signs };
  await eventually(() => expect(signs).toBeGreaterThan(before.signs + (2 * LIMIT_MS) / EVERY_MS));
  expect(bytes).toBeGreaterThan(before.bytes);
  expect([...open].sort()).toEqual(["/busy", "/quiet"]);
});
