import { request } from "node:http";
import { connect as connectTcp } from "node:net";
import fc from "fast-check";
import {
  buildClientSchema,
  getIntrospectionQuery,
  type GraphQLSchema,
  type IntrospectionQuery,
} from "graphql";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { client } from "../kit/client.ts";
import { createDatabase } from "../kit/database.ts";
import { eventually } from "../kit/eventually.ts";
import { metricOf } from "../kit/metrics.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { socketUrl } from "../kit/socket.ts";
import { operations, type Operation } from "./operations.ts";

/** Printed with a failure; `PARLEY_SEED=… npm test` tries another one. */
const seed = Number(process.env["PARLEY_SEED"] ?? 20_261_121);
/** `PARLEY_FUZZ=20` searches twenty times as long. */
const longer = Number(process.env["PARLEY_FUZZ"] ?? 1);
/** Search time of each property, in milliseconds. */
const TIME_MS = 2_000 * longer;
/** Longer than any response takes on a slow machine. */
const PATIENCE_MS = 10_000;
/** Number of executions after which an operation is compiled: see server/graphql/just-in-time.ts. */
const OFTEN = 9;

vi.setConfig({ testTimeout: 15_000 + 3 * TIME_MS });

let server: TestServer;
let token: string;
let schema: GraphQLSchema;

beforeAll(async () => {
  server = await startServer({
    databaseUrl: (await createDatabase()).url,
    env: { PASSWORD_MEMORY_MIB: "19", SOCKET_INIT_SECONDS: "1" },
  });
  const anyone = client(server);
  ({ token } = await anyone.signUp("fuzzer"));
  schema = buildClientSchema(await anyone.query<IntrospectionQuery>(getIntrospectionQuery()));
});

const settings = (numRuns: number) => ({
  seed,
  numRuns: numRuns * longer,
  interruptAfterTimeLimit: TIME_MS,
  markInterruptAsFailure: false,
});

/** @returns status and text; rejects without a timely response */
async function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const answer = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      authorization: `Bearer ${token}`,
      ...headers,
    },
    body,
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return { status: answer.status, text: await answer.text() };
}

function expectSound(status: number, text: string): void {
  expect(status).toBeLessThan(500);
  expect(text).not.toMatch(/INTERNAL_SERVER_ERROR|node_modules|call stack|\bprisma\b/i);
}

/** Opens an acknowledged socket and records its messages. */
async function openSocket(): Promise<{
  raw: WebSocket;
  received: string[];
  closed: Promise<number>;
}> {
  const raw = new WebSocket(socketUrl(server), "graphql-transport-ws");
  const received: string[] = [];
  const closed = new Promise<number>((resolve) => raw.once("close", resolve));
  // A cut connection is an error to the client.
  raw.on("error", () => undefined);
  raw.on("message", (data: Buffer) => received.push(data.toString()));
  await new Promise((resolve, reject) => {
    raw.once("open", resolve);
    raw.once("error", reject);
  });
  raw.send(JSON.stringify({ type: "connection_init", payload: { token } }));
  await eventually(() => received.length > 0, { timeoutMs: PATIENCE_MS });
  return { raw, received, closed };
}

const body = ({ query, variables }: Omit<Operation, "kind">): string =>
  JSON.stringify({ query, variables });

describe("a server that receives arbitrary input", () => {
  test("responds to operations of the schema with arbitrary arguments, over HTTP", async () => {
    await fc.assert(
      fc.asyncProperty(operations(schema), async (operation) => {
        const { status, text } = await post(body(operation));
        expectSound(status, text);
        expect(JSON.parse(text)).toMatchObject({});
      }),
      settings(400),
    );
  });

  test("responds to operations that are repeated until they are compiled", async () => {
    await fc.assert(
      fc.asyncProperty(operations(schema), async (operation) => {
        for (let time = 0; time < OFTEN; time += 1) {
          const { status, text } = await post(body(operation));
          expectSound(status, text);
        }
      }),
      settings(40),
    );
  });

  test("responds to mutated documents and malformed JSON", async () => {
    const bent = fc
      .tuple(operations(schema), fc.nat(), fc.nat(20), fc.string({ unit: "binary", maxLength: 20 }))
      .map(([{ query, variables }, at, length, text]) => {
        const place = at % (query.length + 1);
        return body({
          query: query.slice(0, place) + text + query.slice(place + length),
          variables,
        });
      });
    const documents = fc.oneof(bent, fc.json(), fc.string({ unit: "binary", maxLength: 300 }));
    await fc.assert(
      fc.asyncProperty(documents, async (text) => {
        const answer = await post(text);
        expectSound(answer.status, answer.text);
      }),
      settings(400),
    );
  });

  test("responds to operations over one socket, which stays open", async () => {
    const { raw, received, closed } = await openSocket();
    let number = 0;
    await fc.assert(
      fc.asyncProperty(operations(schema), async ({ kind, query, variables }) => {
        // A subscription may send nothing; the result of the next operation shows that the server handled
        // it.
        const own = String((number += 1));
        const id = kind === "subscription" ? `after ${own}` : own;
        received.length = 0;
        raw.send(JSON.stringify({ id: own, type: "subscribe", payload: { query, variables } }));
        if (id !== own) {
          const payload = { query: "{ __typename }" };
          raw.send(JSON.stringify({ id, type: "subscribe", payload }));
        }
        const answer = await eventually(
          () => received.find((text) => text.includes(`"id":"${id}"`)) ?? false,
          { timeoutMs: PATIENCE_MS, intervalMs: 1 },
        );
        raw.send(JSON.stringify({ id: own, type: "complete" }));
        expectSound(200, answer);
        expectSound(200, received.join("\n"));
        expect(raw.readyState).toBe(WebSocket.OPEN);
      }),
      settings(300),
    );
    raw.close();
    expect(await closed).toBe(1005);
  });

  test("survives arbitrary frames, which at worst close their socket", async () => {
    const message = fc.oneof(
      fc
        .record(
          {
            type: fc.constantFrom(
              "subscribe",
              "complete",
              "ping",
              "pong",
              "next",
              "connection_init",
              "x",
            ),
            id: fc.oneof(fc.string(), fc.jsonValue()),
            payload: fc.oneof(
              fc.jsonValue(),
              fc.record({ query: fc.string(), variables: fc.jsonValue() }),
            ),
          },
          { requiredKeys: [] },
        )
        .map((value) => JSON.stringify(value)),
      fc.json(),
      fc.string({ unit: "binary" }),
      fc.uint8Array({ maxLength: 200 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 6 }), async (frames) => {
        const { raw, received, closed } = await openSocket();
        for (const frame of frames) raw.send(frame);
        raw.close();
        expect(await closed).not.toBe(1011);
        expectSound(200, received.join("\n"));
      }),
      settings(60),
    );
  });

  test("survives arbitrary bytes on the connection, before and after the upgrade", async () => {
    const { port, hostname } = new URL(server.url);
    const upgrade =
      `GET /graphql HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}\r\n` +
      `Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`;
    const beginning = fc.constantFrom(
      "",
      "GET / HTTP/1.1\r\n",
      "POST /graphql HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
      upgrade,
    );
    await fc.assert(
      fc.asyncProperty(
        beginning,
        fc.uint8Array({ minLength: 1, maxLength: 500 }),
        async (head, bytes) => {
          const answer = await new Promise<string>((resolve, reject) => {
            let text = "";
            const socket = connectTcp(Number(port), hostname, () => {
              socket.write(head);
              socket.end(bytes);
            });
            socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("no end")));
            socket.on("data", (chunk) => (text += chunk.toString("latin1")));
            socket.on("error", (error: NodeJS.ErrnoException) => {
              // The server may cut the connection.
              if (error.code === "ECONNRESET" || error.code === "EPIPE") resolve(text);
              else reject(error);
            });
            socket.on("close", () => resolve(text));
          });
          expect(answer).not.toMatch(/^HTTP\/1\.1 5/);
        },
      ),
      settings(150),
    );
  });

  test("responds to arbitrary paths and headers", async () => {
    const name = fc.constantFrom(
      "accept",
      "content-type",
      "cookie",
      "authorization",
      "origin",
      "range",
      "upload-offset",
      "tus-resumable",
      "x-forwarded-for",
      "sec-fetch-site",
      "if-none-match",
    );
    const value = fc.string({ maxLength: 60 });
    const path = fc.oneof(
      fc.webPath(),
      fc.string({ maxLength: 60 }).map((text) => `/graphql?query=${encodeURIComponent(text)}`),
      fc
        .tuple(
          fc.constantFrom("/files/", "/files/uploads/", "/export/", "/assets/"),
          fc.string({ maxLength: 40 }),
        )
        .map(([folder, rest]) => folder + encodeURIComponent(rest)),
    );
    const method = fc.constantFrom("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS");
    await fc.assert(
      fc.asyncProperty(
        method,
        path,
        fc.dictionary(name, value, { maxKeys: 4 }),
        async (verb, where, headers) => {
          const { hostname, port } = new URL(server.url);
          const status = await new Promise<number>((resolve, reject) => {
            const outgoing = request(
              { hostname, port, method: verb, path: where || "/", headers, timeout: PATIENCE_MS },
              (incoming) => {
                incoming.resume();
                incoming.on("end", () => resolve(incoming.statusCode ?? 0));
                incoming.on("error", reject);
              },
            );
            outgoing.on("timeout", () => outgoing.destroy(new Error("no answer")));
            outgoing.on("error", reject);
            outgoing.end();
          });
          expect(status).toBeLessThan(500);
        },
      ),
      settings(300),
    );
  });

  test("holds no resources afterwards and has logged no failure", async () => {
    await eventually(async () => {
      for (const name of ["sockets", "streams", "signals", "groups"])
        expect(await metricOf(server, `parley_${name}`), name).toBe(0);
      // The topic access of the one user who typed stays cached for a minute.
      expect(await metricOf(server, "parley_subscribers")).toBeLessThanOrEqual(1);
    });
    expect(server.isRunning).toBe(true);
    expect(server.output).not.toMatch(/"level":(?:50|60)|Unhandled|Uncaught/);
    const { viewer } = await client(server)
      .as(token)
      .query<{ viewer: { user: { username: string } } }>("{ viewer { user { username } } }");
    expect(viewer.user.username).toBe("fuzzer");
  });
});
