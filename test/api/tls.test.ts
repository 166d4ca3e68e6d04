import { readFile, writeFile } from "node:fs/promises";
import { request as plainly } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { createParley, NetworkError } from "@parley/sdk";
import { trustCertificate } from "@parley/sdk/node";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { WebSocket } from "ws";
import { makeCertificate, type Certificate } from "../../deploy/certs.ts";
import { readConfig } from "../../server/config.ts";
import { PASSWORD } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { eventually } from "../kit/eventually.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { socketUrl } from "../kit/socket.ts";

let database: TestDatabase;
let server: TestServer;
let paths: Certificate;
let ca: string;

beforeAll(async () => {
  database = await createDatabase();
  paths = await makeCertificate(join(inject("scratch"), "tls"), ["chat.test"]);
  ca = await readFile(paths.cert, "utf8");
  server = await startServer({
    databaseUrl: database.url,
    env: { TLS_CERT: paths.cert, TLS_KEY: paths.key, REQUIRE_TLS: "true" },
  });
});

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

function ask(
  url: string,
  { body, headers = {} }: { body?: string; headers?: Record<string, string> } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    const send = url.startsWith("https:") ? request : plainly;
    const all = {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    };
    const outgoing = send(url, { method, headers: all, ca }, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => (text += chunk));
      incoming.on("end", () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Performs a TLS handshake. @throws if it fails */
function shakeHands(options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const port = Number(new URL(server.url).port);
    const socket = connect({ host: "127.0.0.1", port, ca, ...options }, () => {
      socket.end();
      resolve(socket);
    });
    socket.on("error", reject);
  });
}

describe("a server with a certificate", () => {
  test("serves https, sends HSTS, and uses a __Host- cookie", async () => {
    expect(server.url).toMatch(/^https:/);
    const body = JSON.stringify({
      query: `mutation { signUp(input: { username: "ada", password: "${PASSWORD}" }) { __typename } }`,
    });
    const { status, headers } = await ask(`${server.url}/graphql`, { body });
    expect(status).toBe(200);
    expect(headers["strict-transport-security"]).toBe("max-age=31536000; includeSubDomains");
    expect(headers["set-cookie"]?.[0]).toMatch(/^__Host-parley_session=.*; Secure/);
    const cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    const viewer = JSON.stringify({ query: "{ viewer { user { username } } }" });
    const own = await ask(`${server.url}/graphql`, { body: viewer, headers: { cookie } });
    expect(JSON.parse(own.text)).toEqual({ data: { viewer: { user: { username: "ada" } } } });
    const page = await ask(`${server.url}/`);
    expect(page.headers["content-security-policy"]).toContain("connect-src 'self' wss://");
  });

  test("is rejected by the SDK by default, over HTTP and WebSocket", async () => {
    const doubting = createParley({ url: `${server.url}/graphql` });
    await expect(doubting.server()).rejects.toThrow(NetworkError);
    const refused = new Promise((resolve) => {
      new WebSocket(socketUrl(server), "graphql-transport-ws").once("error", resolve);
    });
    expect(await refused).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    // A different certificate, as of an interceptor, is rejected, too.
    const other = await makeCertificate(join(inject("scratch"), "tls-other"));
    const misled = createParley({
      url: `${server.url}/graphql`,
      ...(await trustCertificate(await readFile(other.cert, "utf8"))),
    });
    await expect(misled.server()).rejects.toThrow(NetworkError);
  });

  test("serves an SDK that trusts it, requests and events", async () => {
    const parley = createParley({ url: `${server.url}/graphql`, ...(await trustCertificate(ca)) });
    const { cursor } = await parley.signUp({ username: "bot", password: PASSWORD });
    const { lobby } = await parley.server();
    if (lobby === null || lobby === undefined) throw new Error("no lobby");
    const events = parley.events({ after: cursor, types: ["MESSAGE_SENT"] });
    await parley.sendMessage(lobby.id, "over TLS");
    for await (const event of events) {
      if (event.__typename !== "MessageSent") continue;
      expect(event.message.body).toBe("over TLS");
      break;
    }
    parley.close();
  });

  test("speaks TLS 1.2 and 1.3, nothing older, and no plain HTTP", async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const socket = await shakeHands({ minVersion: version, maxVersion: version });
      expect(socket.getProtocol()).toBe(version);
    }
    // OpenSSL offers old TLS versions only at a lower security level.
    const old = {
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    } as const;
    await expect(shakeHands(old)).rejects.toThrow(/protocol|version|alert/i);
    await expect(ask(server.url.replace("https:", "http:"))).rejects.toThrow();
  });

  test("loads a renewed certificate without a restart, and keeps the old one while the two files do not match", async () => {
    const serial = async (servername: string, trust = ca): Promise<string> => {
      const socket = await shakeHands({ servername, ca: trust });
      return socket.getPeerCertificate().serialNumber;
    };
    const open = new WebSocket(socketUrl(server), "graphql-transport-ws", { ca });
    await new Promise((resolve, reject) => {
      open.once("open", resolve);
      open.once("error", reject);
    });
    const before = await serial("chat.test");
    await expect(shakeHands({ servername: "new.test" })).rejects.toThrow(/altnames/);
    const next = await makeCertificate(join(inject("scratch"), "tls-next"), ["new.test"]);
    const renewed = await readFile(next.cert, "utf8");
    await writeFile(paths.cert, renewed);
    await eventually(() => expect(server.output).toContain("the old one stays in use"));
    expect(await serial("chat.test")).toBe(before);
    await writeFile(paths.key, await readFile(next.key, "utf8"));
    await eventually(async () => expect(await serial("new.test", renewed)).not.toBe(before));
    expect(open.readyState).toBe(WebSocket.OPEN);
    open.terminate();
    ca = renewed;
  });
});

describe("REQUIRE_TLS behind a proxy", () => {
  let inside: TestServer;
  const handshake = (headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(socketUrl(inside), "graphql-transport-ws", { headers });
      socket.once("open", () => {
        socket.terminate();
        resolve(101);
      });
      socket.once("unexpected-response", (_request, response) => {
        response.destroy();
        resolve(response.statusCode ?? 0);
      });
      socket.once("error", reject);
    });

  beforeAll(async () => {
    const env = { REQUIRE_TLS: "true", TRUST_PROXY: "true" };
    inside = await startServer({ databaseUrl: database.url, env });
  });

  test("rejects clients that reached the proxy without TLS, except for health checks", async () => {
    const plain = { "x-forwarded-proto": "http" };
    for (const headers of [{}, plain, { "x-forwarded-proto": "https, http" }]) {
      for (const path of [
        "/",
        "/graphql?query={__typename}",
        "/files/x/original",
        "/export/x",
        "/metrics",
      ]) {
        const { status, text } = await ask(inside.url + path, { headers });
        expect(status, path).toBe(403);
        expect(text).toContain("TLS_REQUIRED");
      }
      expect(await handshake(headers)).toBe(403);
    }
    const executed = await ask(`${inside.url}/graphql`, {
      headers: plain,
      body: JSON.stringify({
        query: `mutation { signUp(input: { username: "plain", password: "${PASSWORD}" }) { __typename } }`,
      }),
    });
    expect(executed.status).toBe(403);
    expect(await database.query(`SELECT 1 FROM "User" WHERE username = 'plain'`)).toEqual([]);
    expect((await ask(`${inside.url}/health/ready`)).status).toBe(200);
  });

  test("admits clients that reached it over TLS", async () => {
    const headers = { "x-forwarded-proto": "https" };
    expect((await ask(`${inside.url}/graphql?query={__typename}`, { headers })).status).toBe(200);
    expect(await handshake(headers)).toBe(101);
  });
});

test("incomplete or impossible TLS settings are reported at the start", () => {
  expect(() => readConfig({ TLS_CERT: "cert.pem" })).toThrow(/TLS_KEY/);
  expect(() => readConfig({ TLS_KEY: "key.pem" })).toThrow(/TLS_CERT/);
  expect(() => readConfig({ REQUIRE_TLS: "true" })).toThrow(/REQUIRE_TLS/);
  expect(readConfig({ REQUIRE_TLS: "true", TRUST_PROXY: "true" }).REQUIRE_TLS).toBe(true);
});
