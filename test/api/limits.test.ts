import { once } from "node:events";
import { beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { client, type TestClient } from "../kit/client.ts";
import { createDatabase } from "../kit/database.ts";
import { eventually } from "../kit/eventually.ts";
import { metricOf } from "../kit/metrics.ts";
import { onRelease } from "../kit/resources.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { connect, Socket, socketUrl } from "../kit/socket.ts";
import { subscribeSse } from "../kit/sse.ts";

const PER_ACCOUNT = 3;
const PER_ADDRESS = 5;
const OPERATIONS = 4;

let server: TestServer;
/** A server with default settings, except shorter timeouts. */
let strict: TestServer;
let token: string;

beforeAll(async () => {
  const { url } = await createDatabase();
  const off = {
    RATE_LIMITS: "true",
    TRUST_PROXY: "true",
    SOCKETS_PER_ACCOUNT: String(PER_ACCOUNT),
    SOCKETS_PER_ADDRESS: String(PER_ADDRESS),
    SOCKET_INIT_SECONDS: "1",
    RATE_OPERATIONS: `${String(OPERATIONS)}/600`,
  };
  [server, strict] = await Promise.all([
    startServer({ databaseUrl: url }),
    startServer({ databaseUrl: url, env: off }),
  ]);
  ({ token } = await client(server).signUp("ada"));
});

const repeat = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(" ");
/** Twenty fragments, each of which uses the next one twice: a million aliases in 600 tokens. */
const doubling = `subscription { events { ...F0 } } ${repeat(
  20,
  (n) => `fragment F${n} on Event { a: cursor ...F${n + 1} b: cursor ...F${n + 1} }`,
)} fragment F20 on Event { c: cursor }`;
/** Forty more fragments that cost nothing, because they only select type names. */
const endless = (type: string, around = 0): string =>
  `...F0 } ${"} ".repeat(around)}} ${repeat(
    40,
    (n) => `fragment F${n} on ${type} { ...F${n + 1} ...F${n + 1} }`,
  )} fragment F40 on ${type} { __typename`;
const pages = (page: string): string =>
  `threadReplies(first: ${page}) { edges { node { threadReplies(first: ${page}) { edges { node { body } } } } } }`;
const wide = (page: string): string =>
  `{ rooms(first: ${page}) { edges { node { messages(first: ${page}) { edges { node { ${pages(page)} } } } } } } }`;
const wideEvents = `subscription ($n: Int!) { events { ... on MessageSent { message { threadReplies(first: $n) { edges { node { ${pages("$n")} } } } } } } }`;

interface Problem {
  errors?: { message: string; extensions?: Record<string, unknown> }[];
}

/** Returns the errors of the same operation over HTTP, SSE and a socket that stays open. */
async function answers(query: string, variables: object = {}): Promise<Problem[]> {
  const post = async (accept: string): Promise<string> => {
    const answer = await client(server)
      .as(token)
      .fetch("/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", accept },
        body: JSON.stringify({ query, variables }),
      });
    expect(answer.status).toBeLessThan(500);
    return answer.text();
  };
  const overHttp = JSON.parse(await post("application/json")) as Problem;
  const stream = await post("text/event-stream");
  const overSse = JSON.parse(/^data: ?(\{.*\})$/m.exec(stream)?.[1] ?? stream) as Problem;
  const socket = await connect(server, { token });
  const overSocket = await socket.subscribe(query, { ...variables }).ended;
  expect(overSocket.code).toBeUndefined();
  expect(await socket.execute("{ server { name } }")).toEqual({
    data: { server: { name: "Parley" } },
  });
  await socket.close();
  return [overHttp, overSse, { errors: [...(overSocket.errors ?? [])] }];
}

describe("the operation limits over HTTP, SSE and sockets alike", () => {
  const CASES: [what: string, code: string, query: string, variables?: object][] = [
    [
      "a deep operation",
      "TOO_DEEP",
      `subscription { events { ... on MessageSent { message { ${"replyTo { ".repeat(18)} id ${"} ".repeat(18)} } } } }`,
    ],
    [
      "an operation that is deep through fragments",
      "TOO_DEEP",
      `{ rooms { edges { node { lastMessage { ...M0 } } } } } ${repeat(16, (n) => `fragment M${n} on Message { replyTo { ...M${n + 1} } }`)} fragment M16 on Message { id }`,
    ],
    ["many aliases", "TOO_MANY_ALIASES", `{ ${repeat(51, (n) => `a${n}: server { name }`)} }`],
    ["doubling fragments", "TOO_MANY_ALIASES", doubling],
    ["doubling fragments without cost", "TOO_MANY_SELECTIONS", `{ viewer { ${endless("Viewer")} }`],
    [
      "doubling fragments in a list",
      "TOO_MANY_SELECTIONS",
      `{ rooms { edges { node { ${endless("Room", 2)} }`,
    ],
    [
      "doubling fragments in a subscription",
      "TOO_MANY_SELECTIONS",
      `subscription { events { ${endless("Event")} }`,
    ],
    ["a large page of large pages", "TOO_COSTLY", wide("100")],
    ["large page sizes in variables", "TOO_COSTLY", `query ($n: Int!) ${wide("$n")}`, { n: 90 }],
    ["large page sizes as default values", "TOO_COSTLY", `query ($n: Int! = 100) ${wide("$n")}`],
    ["large page sizes in a subscription", "TOO_COSTLY", wideEvents, { n: 100 }],
    [
      "repeated introspection",
      "TOO_COSTLY",
      `{ __schema { types { name } } ${repeat(50, (n) => `a${n}: __schema { queryType { name } }`)} }`,
    ],
    ["many tokens", "GRAPHQL_PARSE_FAILED", `{ ${"__typename ".repeat(1_001)} }`],
    [
      "many mutations",
      "GRAPHQL_VALIDATION_FAILED",
      `mutation { ${repeat(11, (n) => `a${n}: logOut { __typename }`)} }`,
    ],
    ["nested lists", "GRAPHQL_PARSE_FAILED", `{ room(slug: ${"[".repeat(2_000)}) { id } }`],
  ];

  test.for(CASES)("reject %s", async ([, code, query, variables]) => {
    const codes = (await answers(query, variables)).map(({ errors = [] }) => [
      ...new Set(errors.map(({ extensions }) => extensions?.["code"])),
    ]);
    expect(codes).toEqual([[code], [code], [code]]);
  });

  test("an operation within the limits is executed", async () => {
    const query = `query ($n: Int!) ${wide("$n")}`;
    const [overHttp] = await answers(query, { n: 5 });
    expect(overHttp).not.toHaveProperty("errors");
    await client(server)
      .as(token)
      .query(`{ ${repeat(50, (n) => `a${n}: server { name }`)} }`);
  });

  test("a subscription without an SSE request is not opened", async () => {
    const before = await metricOf(server, "parley_streams");
    const query = "subscription { events { cursor } }";
    for (const accept of ["application/json", "*/*", "multipart/mixed"]) {
      const headers = { "content-type": "application/json", accept };
      const body = JSON.stringify({ query });
      const answer = await client(server)
        .as(token)
        .fetch("/graphql", { method: "POST", headers, body });
      expect(answer.status).toBe(406);
      const text = await answer.text();
      if (accept === "application/json") expect(text).toContain("NOT_ACCEPTABLE");
    }
    expect(await metricOf(server, "parley_streams")).toBe(before);
  });

  test("several operations in one request are rejected", async () => {
    const body = JSON.stringify([{ query: "{ __typename }" }, { query: "{ __typename }" }]);
    for (const accept of ["application/json", "text/event-stream"]) {
      const headers = { "content-type": "application/json", accept };
      const answer = await client(server).fetch("/graphql", { method: "POST", headers, body });
      expect(answer.status).toBe(400);
    }
  });
});

let lastAddress = 0;
const from = (): Record<string, string> => {
  lastAddress += 1;
  return { "x-forwarded-for": `203.0.113.${String(lastAddress)}` };
};
const person = async (name: string): Promise<{ me: TestClient; secret: string }> => {
  const me = client(strict).withHeaders(from());
  const { token: secret } = await me.signUp(name);
  return { me: me.as(secret), secret };
};

describe("open connections are limited", () => {
  test("for each account, sockets and streams together, until they close", async () => {
    const { secret } = await person("collector");
    const own = await Promise.all([
      connect(strict, { token: secret, headers: from() }),
      connect(strict, { token: secret, headers: from() }),
    ]);
    const stream = await subscribeSse(strict, { token: secret, headers: from() });
    const refused = new Socket(strict, { token: secret, headers: from() });
    expect(await refused.closed).toMatchObject({ code: 4509 });
    const sse = await subscribeSse(strict, { token: secret, headers: from() });
    await expect(sse.ended).resolves.toMatchObject({
      errors: [{ extensions: { code: "TOO_MANY_CONNECTIONS" } }],
    });
    // Open connections stay open, and other accounts are not affected.
    expect(await own[0]?.execute("{ server { name } }")).toHaveProperty("data");
    const other = await person("other");
    await connect(strict, { token: other.secret, headers: from() });

    await own[1]?.close();
    const again = await eventually(() => connect(strict, { token: secret, headers: from() }));
    await again.close();
    stream.complete();
    await eventually(() => connect(strict, { token: secret, headers: from() }));
  });

  test("for each address, including anonymous ones", async () => {
    const headers = { "x-forwarded-for": "2001:db8:1:1::1" };
    const opened = await Promise.all(
      Array.from({ length: PER_ADDRESS }, () => connect(strict, { headers })),
    );
    const status = await new Promise((resolve, reject) => {
      const neighbour = { "x-forwarded-for": "2001:db8:1:1::2" };
      const raw = new WebSocket(socketUrl(strict), "graphql-transport-ws", { headers: neighbour });
      raw.once("unexpected-response", (_request, response) => {
        response.destroy();
        resolve(response.statusCode);
      });
      raw.once("open", () => reject(new Error("it was let in")));
      raw.on("error", reject);
    });
    expect(status).toBe(429);
    const sse = await subscribeSse(strict, { headers });
    expect(sse.response.status).toBe(429);
    await opened[0]?.close();
    await eventually(() => connect(strict, { headers }));
  });
});

test("operations over one socket are limited, and it stays open", async () => {
  const { secret } = await person("hasty");
  const socket = await connect(strict, { token: secret, headers: from() });
  for (let i = 0; i < OPERATIONS; i += 1) {
    expect(await socket.execute("{ server { name } }")).toHaveProperty("data.server");
  }
  const refused = await socket.subscribe("{ server { name } }").ended;
  expect(refused).toMatchObject({ errors: [{ extensions: { code: "RATE_LIMITED" } }] });
  expect(refused.errors?.[0]?.extensions?.["retryAfterMs"]).toBeGreaterThan(0);
  expect(refused.code).toBeUndefined();
  const other = await connect(strict, { token: secret, headers: from() });
  expect(await other.execute("{ server { name } }")).toHaveProperty("data.server");
});

describe("a silent or invalid socket is closed", () => {
  const raw = (): WebSocket => {
    const socket = new WebSocket(socketUrl(strict), "graphql-transport-ws", { headers: from() });
    onRelease(() => socket.terminate());
    return socket;
  };
  const closeOf = async (socket: WebSocket): Promise<number> => {
    const [code] = (await once(socket, "close")) as [number];
    return code;
  };

  test("without connection_init in time", async () => {
    expect(await closeOf(raw())).toBe(4408);
  });

  test.for<[what: string, code: number, data: string | Buffer]>([
    ["a frame of more than 256 KiB", 1009, "x".repeat(262_145)],
    ["invalid JSON", 4400, "{"],
    ["an unknown message type", 4400, '{"type":"nonsense"}'],
    [
      "an operation before connection_init",
      4401,
      '{"type":"subscribe","id":"1","payload":{"query":"{ __typename }"}}',
    ],
  ])("with %s", async ([, code, data]) => {
    const socket = raw();
    await once(socket, "open");
    socket.send(data);
    expect(await closeOf(socket)).toBe(code);
  });

  test("compression is not negotiated", async () => {
    const socket = new WebSocket(socketUrl(strict), "graphql-transport-ws", {
      headers: from(),
      perMessageDeflate: true,
    });
    await once(socket, "open");
    expect(socket.extensions).toBe("");
    socket.terminate();
  });
});
