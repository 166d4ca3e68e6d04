import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { WebSocket } from "ws";
import { readConfig } from "../../server/config.ts";
import { client, cookieOf, PASSWORD, type TestClient } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { LOG_IN, SIGN_UP } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { connect, socketUrl } from "../kit/socket.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { makeDatabaseGate } from "./database-gate.ts";

const FRIEND = "https://chat.example.org";
const RESPONSE_JSON = "application/graphql-response+json";

let database: TestDatabase;
let server: TestServer;
/** A server behind a proxy, with an allowed origin and without introspection. */
let guarded: TestServer;
let anyone: TestClient;
let token: string;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url });
  guarded = await startServer({
    databaseUrl: database.url,
    env: {
      PUBLIC_ORIGINS: `https://other.example.org, ${FRIEND}`,
      TRUST_PROXY: "true",
      INTROSPECTION: "false",
    },
  });
  anyone = client(server);
  ({ token } = await anyone.signUp("ada"));
});

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** Sends a request with exactly these headers: `fetch` adds some and forbids others. */
function ask(
  target: TestServer,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  const { method = "GET", headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, target.url), { method, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

const JSON_HEADERS = { "content-type": "application/json", accept: RESPONSE_JSON };

function post(
  target: TestServer,
  query: string,
  headers: Record<string, string> = {},
  variables: object = {},
): Promise<Reply> {
  const body = JSON.stringify({ query, variables });
  return ask(target, "/graphql", {
    method: "POST",
    headers: { ...JSON_HEADERS, ...headers },
    body,
  });
}

/** Sends raw text on a connection and returns everything received until it ends. */
function raw(text: string): Promise<string> {
  const { port, hostname } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connectTcp(Number(port), hostname, () => socket.write(text));
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

/** Attempts a WebSocket handshake. Returns the status of a rejection, or 101. */
function handshake(target: TestServer, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(socketUrl(target), "graphql-transport-ws", { headers });
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
}

async function exists(username: string): Promise<boolean> {
  const rows = await database.query(`SELECT 1 FROM "User" WHERE username = $1`, [username]);
  return rows.length > 0;
}

const signUpText = (username: string): string =>
  `mutation { signUp(input: { username: "${username}", password: "${PASSWORD}" }) { __typename } }`;

describe("GET", () => {
  test("executes a query", async () => {
    const query = encodeURIComponent("query Q($s: String!) { user(username: $s) { username } }");
    const variables = encodeURIComponent(JSON.stringify({ s: "ADA" }));
    const reply = await ask(server, `/graphql?query=${query}&variables=${variables}`, {
      headers: { accept: RESPONSE_JSON, authorization: `Bearer ${token}` },
    });
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.text)).toEqual({ data: { user: { username: "ada" } } });
    expect(reply.headers["cache-control"]).toBe("no-store");
  });

  test("never executes a mutation", async () => {
    const query = encodeURIComponent(signUpText("by-get"));
    for (const accept of [RESPONSE_JSON, "application/json", "*/*", "text/event-stream"]) {
      const reply = await ask(server, `/graphql?query=${query}`, {
        headers: { accept, cookie: `parley_session=${token}` },
      });
      expect(reply.status, accept).toBe(405);
    }
    expect(await exists("by-get")).toBe(false);
  });

  test.for(["", "?query=", "?query={__typename}&variables=x", "?query={__typename}&extensions={"])(
    "with %j is a client error",
    async (search) => {
      const headers = { accept: RESPONSE_JSON };
      const { status, text } = await ask(server, `/graphql${search}`, { headers });
      expect(status).toBe(400);
      expect(text).not.toContain("INTERNAL_SERVER_ERROR");
    },
  );
});

describe("POST", () => {
  const json = (username: string): string => JSON.stringify({ query: signUpText(username) });
  const form = (username: string): string =>
    new URLSearchParams({ query: signUpText(username) }).toString();
  const parts = (username: string): string =>
    [
      "--x",
      'Content-Disposition: form-data; name="operations"',
      "",
      json(username),
      "--x",
      'Content-Disposition: form-data; name="map"',
      "",
      "{}",
      "--x--",
      "",
    ].join("\r\n");

  test.for<[string, string | null, (username: string) => string]>([
    ["a form", "application/x-www-form-urlencoded", form],
    ["a multipart form", "multipart/form-data; boundary=x", parts],
    ["plain text", "text/plain", json],
    ["plain text that mentions JSON", "text/plain; application/json", json],
    ["the query itself", "application/graphql", signUpText],
    ["almost JSON", "application/jsonp", json],
    ["the content type of a response", "application/graphql-response+json", json],
    ["a body without a content type", null, json],
    ["an empty content type", "", json],
  ])("as %s executes nothing", async ([name, type, bodyOf]) => {
    const username = `form-${name.length}-${type?.length ?? 0}`;
    const reply = await ask(server, "/graphql", {
      method: "POST",
      headers: {
        ...(type === null ? {} : { "content-type": type }),
        cookie: `parley_session=${token}`,
      },
      body: bodyOf(username),
    });
    expect(reply.status).toBe(415);
    expect(JSON.parse(reply.text)).toMatchObject({
      errors: [{ extensions: { code: "UNSUPPORTED_MEDIA_TYPE" } }],
    });
    expect(await exists(username)).toBe(false);
  });

  test.for([
    "application/json; charset=utf-8",
    "Application/JSON",
    "application/json ; charset=utf-8",
  ])("as %s is executed", async (type) => {
    const reply = await post(server, "{ __typename }", { "content-type": type });
    expect(JSON.parse(reply.text)).toEqual({ data: { __typename: "Query" } });
  });

  test.for([
    ["invalid JSON", `{"query": "{ __type`],
    ["a text", `"{ __typename }"`],
    ["null", "null"],
    ["a number in place of the query", `{"query": 1}`],
    ["a text in place of variables", `{"query": "{ __typename }", "variables": "x"}`],
    ["no query", "{}"],
    [
      "several operations in an array",
      `[{"query": "{ __typename }"}, {"query": "{ __typename }"}]`,
    ],
  ] as const)("of %s is a client error", async ([, body]) => {
    const reply = await ask(server, "/graphql", { method: "POST", headers: JSON_HEADERS, body });
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.text)).toHaveProperty("errors");
    expect(reply.text).not.toMatch(/node_modules|INTERNAL_SERVER_ERROR/);
  });

  test("above the size limit is rejected, with Content-Length or chunked", async () => {
    const body = JSON.stringify({ query: "{ __typename }", variables: { x: "y".repeat(300_000) } });
    for (const headers of [JSON_HEADERS, { ...JSON_HEADERS, "transfer-encoding": "chunked" }]) {
      const reply = await ask(server, "/graphql", { method: "POST", headers, body });
      expect(reply.status).toBe(413);
    }
    const longest = `mutation { signUp(input: { username: "x", password: "${"\\u0041".repeat(8_000)}" }) { __typename } }`;
    expect((await post(server, longest)).status).toBe(200);
  });

  test("with conflicting or invalid lengths is not read, and its connection closes", async () => {
    const hidden = `GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n`;
    for (const lengths of [
      `Content-Length: ${String(hidden.length)}\r\nTransfer-Encoding: chunked`,
      "Content-Length: 5\r\nContent-Length: 6",
      "Transfer-Encoding: identity, chunked, x",
      "Content-Length: +5",
    ]) {
      const answer = await raw(
        `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${lengths}\r\n\r\n` +
          `0\r\n\r\n${hidden}`,
      );
      expect(answer, lengths).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer.match(/HTTP\/1\.1/g), lengths).toHaveLength(1);
    }
  });

  test("takes the operation from its body only: not from the URL, a form or a duplicate", async () => {
    const sneaked = encodeURIComponent(signUpText("sneaked"));
    const path = `/graphql?query=${sneaked}`;
    const asked = await ask(server, path, {
      method: "POST",
      headers: JSON_HEADERS,
      body: `{"query": "{ __typename }"}`,
    });
    expect(JSON.parse(asked.text)).toEqual({ data: { __typename: "Query" } });
    const empty = await ask(server, path, { method: "POST", headers: JSON_HEADERS, body: "{}" });
    expect(empty.status).toBe(400);
    const form = { ...JSON_HEADERS, "content-type": "application/x-www-form-urlencoded" };
    expect(
      (await ask(server, path, { method: "POST", headers: form, body: `query=${sneaked}` })).status,
    ).toBe(415);
    for (const twice of [
      `${path}&query={__typename}`,
      `/graphql?query={__typename}&query=${sneaked}`,
    ])
      await ask(server, twice, { headers: JSON_HEADERS });
    expect(await exists("sneaked")).toBe(false);
  });

  test("and GET are the only methods that execute operations", async () => {
    for (const method of ["PUT", "DELETE", "PATCH", "TRACE"]) {
      const { status } = await ask(server, "/graphql", {
        method,
        // Node's client sends no length for methods without a body.
        headers: { ...JSON_HEADERS, "content-length": String(json("by-other").length) },
        body: json("by-other"),
      });
      expect(status, method).toBeGreaterThanOrEqual(400);
      expect(status, method).toBeLessThan(500);
    }
    expect(await exists("by-other")).toBe(false);
  });
});

describe("a page in a browser", () => {
  test.for([
    "https://evil.example.org",
    "null",
    "http://127.0.0.1",
    "http://localhost.evil.example.org",
    "file://",
    "nonsense",
  ])("of the origin %s executes nothing", async (origin) => {
    const cookie = `parley_session=${token}`;
    const username = `origin-${origin.length}`;
    const replies = [
      await post(server, signUpText(username), { origin, cookie }),
      await ask(server, `/graphql?query={__typename}`, { headers: { origin, cookie } }),
      await ask(server, "/graphql", {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" },
      }),
    ];
    for (const { status, headers, text } of replies) {
      expect(status).toBe(403);
      expect(headers["access-control-allow-origin"]).toBeUndefined();
      expect(JSON.parse(text)).toMatchObject({
        errors: [{ extensions: { code: "FORBIDDEN_ORIGIN" } }],
      });
    }
    expect(await exists(username)).toBe(false);
    expect(await handshake(server, { origin, cookie })).toBe(403);
  });

  test.for([
    [
      "a script, an image or a style",
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
    ],
    [
      "a frame",
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
    ],
    ["a page of the same site", { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" }],
  ] as const)("executes no query through %s, which sends no origin", async ([, headers]) => {
    for (const accept of ["*/*", "text/event-stream"]) {
      const reply = await ask(server, "/graphql?query={viewer{user{username}}}", {
        headers: { ...headers, accept, cookie: `parley_session=${token}` },
      });
      expect(reply.status).toBe(403);
      expect(reply.text).not.toContain("ada");
    }
    const own = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" };
    const reply = await ask(server, "/graphql?query={__typename}", { headers: own });
    expect(reply.status).toBe(200);
  });

  test("may link to the playground, which executes nothing until the user runs it", async () => {
    const headers = {
      accept: "text/html",
      "sec-fetch-site": "cross-site",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "document",
    };
    const query = encodeURIComponent(signUpText("by-link"));
    const reply = await ask(server, `/graphql?query=${query}`, { headers });
    expect(reply.status).toBe(200);
    expect(reply.headers["content-type"]).toMatch(/^text\/html/);
    expect(await exists("by-link")).toBe(false);
  });

  test("cannot be allowed with a wildcard or an invalid origin", () => {
    for (const origin of ["null", "*", "https://chat.example.org/", "chat.example.org", "file://"])
      expect(() => readConfig({ PUBLIC_ORIGINS: `https://a.example,${origin}` })).toThrow(
        /PUBLIC_ORIGINS/,
      );
    expect(readConfig({ PUBLIC_ORIGINS: FRIEND }).PUBLIC_ORIGINS).toEqual([FRIEND]);
  });

  test("is served without a setting if it is the server's own", async () => {
    const origin = server.url;
    const reply = await post(server, "{ __typename }", { origin });
    expect(reply.status).toBe(200);
    expect(reply.headers["access-control-allow-origin"]).toBe(origin);
    expect(await handshake(server, { origin })).toBe(101);
    expect(await handshake(server, {})).toBe(101);
  });

  test("is served, with its cookies, if the operator allows its origin", async () => {
    const preflight = await ask(guarded, "/graphql", {
      method: "OPTIONS",
      headers: {
        origin: FRIEND,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type, authorization",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      "access-control-allow-origin": FRIEND,
      "access-control-allow-credentials": "true",
      "access-control-allow-headers": expect.stringMatching(/authorization.*content-type/),
      "access-control-allow-methods": expect.stringContaining("POST"),
      vary: expect.stringContaining("Origin"),
    });
    const reply = await post(guarded, "{ viewer { user { username } } }", {
      origin: FRIEND,
      cookie: `parley_session=${token}`,
    });
    expect(JSON.parse(reply.text)).toEqual({ data: { viewer: { user: { username: "ada" } } } });
    expect(reply.headers).toMatchObject({ "access-control-allow-origin": FRIEND });
    expect(await handshake(guarded, { origin: FRIEND })).toBe(101);
    expect((await post(server, "{ __typename }", { origin: FRIEND })).status).toBe(403);
    expect((await post(guarded, "{ __typename }", { origin: `${FRIEND}.evil` })).status).toBe(403);
  });
});

describe("behind a proxy", () => {
  const SESSION = "{ viewer { session { address } } }";
  const forwarded = {
    "x-forwarded-for": "6.6.6.6, 203.0.113.7",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "chat.example.net",
  };

  test("that is trusted, the forwarded address and protocol of the client apply", async () => {
    const person = client(guarded).withHeaders(forwarded);
    const answer = await person.send(LOG_IN, { input: { username: "ada", password: PASSWORD } });
    const [cookie = ""] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-parley_session=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Secure/);
    expect(answer.headers.get("strict-transport-security")).toMatch(
      /^max-age=31536000; includeSubDomains$/,
    );
    expect(await person.withCookie(cookieOf(answer) ?? "").query(SESSION)).toEqual({
      viewer: { session: { address: "203.0.113.7" } },
    });
    // A cookie that a plain page or another host can set is ignored.
    const planted = (cookieOf(answer) ?? "").replace("__Host-", "");
    expect(await person.withCookie(planted).query(SESSION)).toEqual({ viewer: null });
    const plain = await post(guarded, "{ __typename }", {
      ...forwarded,
      origin: "http://chat.example.net",
    });
    expect(plain.status).toBe(403);
    const origin = "https://chat.example.net";
    expect((await post(guarded, "{ __typename }", { ...forwarded, origin })).status).toBe(200);
  });

  test("that is not trusted, no client can forge an address", async () => {
    const person = anyone.withHeaders(forwarded);
    const answer = await person.send(LOG_IN, { input: { username: "ada", password: PASSWORD } });
    expect(answer.headers.getSetCookie()[0]).not.toContain("Secure");
    const { viewer } = await anyone
      .withCookie(cookieOf(answer) ?? "")
      .query<{ viewer: { session: { address: string } } }>(SESSION);
    expect(viewer.session.address).toContain("127.0.0.1");
    const origin = "https://chat.example.net";
    expect((await post(server, "{ __typename }", { ...forwarded, origin })).status).toBe(403);
  });
});

describe("an excessive document", () => {
  const nest = (open: string, close: string, depth: number): string =>
    open.repeat(depth) + close.repeat(depth);
  const DOCUMENTS: [string, string][] = [
    ["5,000 fields", `{ ${"__typename ".repeat(5_000)} }`],
    ["selections 300 deep", `{ ${nest("viewer { ", "} ", 300)} }`],
    ["selections 20,000 deep", `{ ${nest("viewer { ", "} ", 20_000)} }`],
    ["lists 480 deep", `{ room(slug: ${nest("[", "]", 480)}) { id } }`],
    [
      "eleven guesses at a password",
      `mutation { ...G } fragment G on Mutation { ${Array.from(
        { length: 11 },
        (_, index) =>
          `a${index}: logIn(input: { username: "a", password: "${index}" }) { __typename }`,
      ).join(" ")} }`,
    ],
    ["lists 20,000 deep", `{ room(slug: ${nest("[", "]", 20_000)}) { id } }`],
    [
      "objects 300 deep",
      `{ rooms(search: ${nest("{ a: ", "}", 300).replace("}", "1}")}) { __typename } }`,
    ],
    ["fragments that include one another", fragments(150)],
    ["types 400 deep", `query($x: ${nest("[", "]", 400).replace("]", "Int]")}) { __typename }`],
  ];

  function fragments(count: number): string {
    const names = Array.from({ length: count }, (_, index) => index);
    return `{ ...F0 } ${names
      .map((n) => `fragment F${n} on Query { ...F${(n + 1) % count} }`)
      .join(" ")}`;
  }

  test.for(DOCUMENTS)("with %s is rejected over HTTP as a client error", async ([, query]) => {
    const { status, text } = await post(server, query);
    expect(status).toBe(400);
    const { errors } = JSON.parse(text) as { errors: { extensions?: { code?: string } }[] };
    expect(errors.length).toBeGreaterThan(0);
    for (const { extensions } of errors) {
      expect(extensions?.code).not.toBe("INTERNAL_SERVER_ERROR");
    }
    expect(text).not.toMatch(/node_modules|call stack/i);
  });

  test("is rejected over a socket, which stays open", async () => {
    const socket = await connect(server, { token });
    for (const [name, query] of DOCUMENTS) {
      // A message above the size limit closes the connection; that is a different limit.
      if (query.length > 200_000) continue;
      const refused = socket.subscribe(query);
      const { errors, code } = await refused.ended;
      expect(code, name).toBeUndefined();
      expect(errors?.length, name).toBeGreaterThan(0);
      expect(errors?.[0]?.extensions?.code, name).not.toBe("INTERNAL_SERVER_ERROR");
    }
    expect(await socket.execute("{ viewer { user { username } } }")).toEqual({
      data: { viewer: { user: { username: "ada" } } },
    });
    await socket.close();
  });

  test("with deeply nested variables is rejected, too", async () => {
    const body = `{"query": ${JSON.stringify(SIGN_UP)}, "variables": {"input": ${nest("[", "]", 20_000)}}}`;
    const reply = await ask(server, "/graphql", { method: "POST", headers: JSON_HEADERS, body });
    expect(reply.status).toBeLessThan(500);
    expect(reply.text).toContain('"errors"');
    expect(reply.text).not.toContain("INTERNAL_SERVER_ERROR");
  });
});

describe("introspection", () => {
  const SCHEMA = "{ __schema { queryType { name } } }";
  const TYPE = `{ __type(name: "Query") { name } }`;

  test("works unless the operator disables it", async () => {
    expect(await anyone.query(SCHEMA)).toEqual({ __schema: { queryType: { name: "Query" } } });
    expect(await anyone.query(TYPE)).toEqual({ __type: { name: "Query" } });
  });

  test("is rejected with INTROSPECTION=false over HTTP and sockets; other operations work", async () => {
    const socket = await connect(guarded, { token });
    for (const query of [SCHEMA, TYPE]) {
      const { data, errors } = await client(guarded).send(query);
      expect(data).toBeNull();
      expect(errors[0]?.message).toContain("introspection");
      const overSocket = await socket.subscribe(query).ended;
      expect(overSocket.errors?.[0]?.message).toContain("introspection");
    }
    expect(await socket.execute("{ __typename }")).toEqual({ data: { __typename: "Query" } });
    expect(await client(guarded).query("{ server { __typename name } }")).toEqual({
      server: { __typename: "Server", name: "Parley" },
    });
    await socket.close();
  });
});

describe("the playground", () => {
  test("is a page at /graphql that loads nothing from elsewhere", async () => {
    const reply = await ask(server, "/graphql", {
      headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" },
    });
    expect(reply.status).toBe(200);
    expect(reply.headers["content-type"]).toMatch(/^text\/html/);
    expect(reply.text).toContain("Parley playground");
    expect(reply.text).toContain("mutation SignUp");
    const elsewhere = [
      // Elements that load when the page is displayed.
      /<(?:script|link|img|iframe|source|video|audio|embed|object|base)\b[^>]*\b(?:src|href|data|srcset)\s*=\s*["']?(?:https?:)?\/\/[^>]*>/gi,
      /@import\s+(?:url\()?["']?(?:https?:)?\/\/[^;]*/gi,
      /\burl\(\s*["']?(?:https?:)?\/\/[^)]*\)/gi,
      /\bimport\s*\(\s*["'](?:https?:)?\/\/[^)]*\)/gi,
      /\b(?:import|export)\b[^;"'()]*\bfrom\s*["'](?:https?:)?\/\/[^"']*["']/gi,
      /\bimport\s*["'](?:https?:)?\/\/[^"']*["']/gi,
      /new\s+(?:Shared)?Worker\(\s*["'](?:https?:)?\/\/[^)]*\)/gi,
    ].flatMap((pattern) => reply.text.match(pattern) ?? []);
    expect(elsewhere.map((found) => found.slice(0, 200))).toEqual([]);
  });
});

describe("health checks", () => {
  test("report that the process is alive, and that it is ready only while the database responds", async () => {
    const gate = await makeDatabaseGate((await createDatabase()).url);
    const alone = await startServer({ databaseUrl: gate.url });
    const statuses = async (): Promise<number[]> =>
      Promise.all(
        ["/health/live", "/health/ready"].map(async (path) => (await ask(alone, path)).status),
      );
    expect(await statuses()).toEqual([200, 200]);
    await gate.shut();
    await eventually(async () => expect(await statuses()).toEqual([200, 503]));
    const { text, headers } = await ask(alone, "/health/ready");
    expect(JSON.parse(text)).toMatchObject({ status: "not ready" });
    expect(headers["cache-control"]).toBe("no-store");
    await gate.open();
    await eventually(async () => expect(await statuses()).toEqual([200, 200]));
  });
});

describe("every response", () => {
  test.for(["/", "/graphql", "/health/live", "/health/ready", "/no/such/page", "/assets/none.js"])(
    "of %s forbids type sniffing and referrers",
    async (path) => {
      const { headers } = await ask(server, path, { headers: { accept: "text/html" } });
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
        "permissions-policy": expect.stringContaining("camera=()"),
        "cross-origin-opener-policy": "same-origin",
      });
      // Over a plain connection, HSTS would be ignored, or lock out users who try Parley locally.
      expect(headers["strict-transport-security"]).toBeUndefined();
      const policy = String(headers["content-security-policy"]);
      if (path === "/graphql") expect(policy).toContain("default-src 'none'");
      else {
        expect(policy).not.toMatch(/unsafe|\*|https?:(?!\/\/127)/);
        expect(policy).toContain("require-trusted-types-for 'script'");
      }
      expect(headers["x-powered-by"]).toBeUndefined();
    },
  );
});

describe("the web app", () => {
  const folder = join(inject("root"), "dist/web");

  test("is served at each of its URLs, and unknown files return 404", async () => {
    const page = await ask(server, "/", { headers: { accept: "text/html" } });
    if (!existsSync(folder)) {
      expect(page.status).toBe(404);
      expect(page.text).toContain("/graphql");
      return;
    }
    expect(page.status).toBe(200);
    expect(page.headers["content-type"]).toMatch(/^text\/html/);
    expect(page.headers["cache-control"]).toBe("no-cache");
    for (const path of ["/rooms/lobby", "/log-in?next=/", "/a/b/c"]) {
      expect(await ask(server, path, { headers: { accept: "text/html" } })).toMatchObject({
        status: 200,
        text: page.text,
      });
    }
    for (const path of ["/.env", "/.git/config", "/a/.env", "/health", "/healthz", "/app.js"])
      expect((await ask(server, path)).status, path).toBe(404);
    const [asset = ""] = await readdir(join(folder, "assets"));
    const file = await ask(server, `/assets/${asset}`);
    expect(file.status).toBe(200);
    expect(file.headers["cache-control"]).toContain("immutable");
    const again = await ask(server, `/assets/${asset}`, {
      headers: { "if-none-match": String(file.headers["etag"]) },
    });
    expect(again.status).toBe(304);
  });

  test.for([
    "/../package.json",
    "/%2e%2e/package.json",
    "/..%2fpackage.json",
    "/assets/../../../package.json",
    "/%00",
  ])("exposes no file outside its folder: %s", async (path) => {
    const { status, text } = await askRaw(server, path);
    expect(text).not.toContain('"workspaces"');
    expect(status).toBeLessThan(500);
  });

  test("accepts no other methods", async () => {
    for (const method of ["POST", "PUT", "DELETE"]) {
      expect((await ask(server, "/", { method })).status).toBe(404);
    }
  });
});

/** Requests a path exactly as written; `URL` would normalize it. */
function askRaw(target: TestServer, path: string): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(target.url);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path }, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => (text += chunk));
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, text }));
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}
