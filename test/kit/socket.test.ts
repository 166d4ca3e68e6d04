import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buildSchema } from "graphql";
import { CloseCode } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import { beforeAll, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { eventually } from "./eventually.ts";
import { onRelease } from "./resources.ts";
import { connect, subscribe } from "./socket.ts";

const schema = buildSchema(`
  type Query { hello: String }
  type Subscription { count(to: Int!): Int! forever: Int! }
`);
const FOREVER = "subscription { forever }";

let url = "";
let server: WebSocketServer;
/** Close code of each connection on the server. */
const closed: number[] = [];

beforeAll(async () => {
  const http = createServer();
  server = new WebSocketServer({ server: http, path: "/graphql" });
  const roots = {
    query: { hello: () => "world" },
    subscription: {
      count: async function* ({ to }: { to: number }) {
        for (let i = 1; i <= to; i += 1) yield { count: i };
      },
      forever: async function* () {
        yield { forever: 1 };
        await new Promise(() => undefined);
      },
    },
  };
  useServer(
    {
      schema,
      roots,
      onConnect: ({ connectionParams }) => connectionParams?.["token"] !== "bad",
    },
    server,
  );
  server.on("connection", (socket) => socket.on("close", (code) => closed.push(code)));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  onRelease(() => {
    for (const socket of server.clients) socket.terminate();
    http.close();
  });
});

describe("a subscription of the kit", () => {
  test("yields the values of the root field and ends on complete", async () => {
    const query = "subscription ($to: Int!) { count(to: $to) }";
    const sub = await subscribe<number>(url, { query, variables: { to: 3 } });
    expect(await sub.next((n) => n === 2)).toBe(2);
    expect(await sub.ended).toEqual({});
    expect(sub.all).toEqual([1, 2, 3]);
    expect((await sub.close()).code).toBe(1000);
  });

  test("contains the errors of a rejected operation", async () => {
    const sub = await subscribe(url, { query: "subscription { nothing }" });
    expect((await sub.ended).errors?.[0]?.message).toContain("nothing");
  });

  test("contains the close code when the server rejects or closes the connection", async () => {
    await expect(subscribe(url, { token: "bad" })).rejects.toMatchObject({
      name: "ClosedError",
      code: CloseCode.Forbidden,
    });
    const sub = await subscribe(url, { query: FOREVER });
    await sub.next();
    for (const socket of server.clients) socket.close(1012, "Service restart");
    expect(await sub.socket.closed).toEqual({ code: 1012, reason: "Service restart" });
    expect((await sub.ended).code).toBe(1012);
  });

  test("can be cut abruptly", async () => {
    const sub = await subscribe(url, { query: FOREVER });
    await sub.next();
    closed.length = 0;
    expect((await sub.cut()).code).toBe(1006);
    await eventually(() => expect(closed).toEqual([1006]));
  });

  test("shares a connection with other operations", async () => {
    const socket = await connect(url);
    const stream = socket.subscribe<number>(FOREVER);
    expect(await stream.next()).toBe(1);
    expect(await socket.execute("{ hello }")).toEqual({ data: { hello: "world" } });
    expect(stream.isEnded).toBe(false);
    await socket.close();
  });
});
