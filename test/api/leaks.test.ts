import { once } from "node:events";
import { beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { redactValues } from "../../server/graphql/redact.ts";
import { client, type TestClient } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { onRelease } from "../kit/resources.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { socketUrl } from "../kit/socket.ts";

/** Planted secrets: a response or log line that contains one has leaked it. */
const PASSWORD = "planted-password-7f3a";
const NEXT_PASSWORD = "planted-next-password-91c2";
const FALSE_TOKEN = "planted-token-5d1e";
const INPUT = "planted-input-b80d";
const WORDS = "planted-words-44aa";

let database: TestDatabase;
let server: TestServer;
let anyone: TestClient;
let me: TestClient;
let token: string;

/** All responses of the server. */
const said: string[] = [];

interface Shape {
  query?: unknown;
  variables?: unknown;
  headers?: Record<string, string>;
  body?: string;
  path?: string;
  method?: string;
}

async function ask(shape: Shape): Promise<{ status: number; text: string }> {
  const { path = "/graphql", method = "POST", query, variables, headers = {} } = shape;
  const body = shape.body ?? JSON.stringify({ query, variables });
  const answer = await anyone.fetch(path, {
    method,
    headers: { "content-type": "application/json", accept: "application/json", ...headers },
    ...(method === "GET" ? {} : { body }),
  });
  const text = await answer.text();
  said.push(`${JSON.stringify([...answer.headers])}\n${text}`);
  return { status: answer.status, text };
}

const LOG_IN = `mutation ($input: LogInInput!) { logIn(input: $input) { __typename ... on Error { code } } }`;
const CHANGE = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }`;
const ANYTHING = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }`;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url, env: { LOG_LEVEL: "trace" } });
  anyone = client(server);
  ({ token } = await anyone.signUp("planter", PASSWORD));
  me = anyone.as(token);
});

const own = (): Record<string, string> => ({ authorization: `Bearer ${token}` });

test("neither logs nor responses contain tokens, passwords or user text", async () => {
  const lobby = await me.query<{ room: { id: string } }>(`{ room(slug: "lobby") { id } }`);
  const conversationId = lobby.room.id;

  // Valid operations, and expected rejections.
  await ask({
    query: LOG_IN,
    variables: { input: { username: "planter", password: NEXT_PASSWORD } },
  });
  await ask({ query: LOG_IN, variables: { input: { username: INPUT, password: PASSWORD } } });
  await ask({
    query: CHANGE,
    variables: { input: { currentPassword: NEXT_PASSWORD, newPassword: "short" } },
    headers: own(),
  });
  await ask({
    query: "{ viewer { user { id } } }",
    headers: { authorization: `Bearer ${FALSE_TOKEN}` },
  });
  await ask({
    query: "{ viewer { user { id } } }",
    headers: { cookie: `parley_session=${FALSE_TOKEN}` },
  });
  await ask({
    query: "{ viewer { user { id } } }",
    headers: { origin: `https://${INPUT}.example` },
  });

  // Invalid operations with a secret in the wrong place.
  const wrong: Shape[] = [
    { query: LOG_IN, variables: { input: PASSWORD } },
    { query: LOG_IN, variables: { input: { username: "planter", password: [PASSWORD] } } },
    { query: LOG_IN, variables: { input: { username: "planter", password: { x: PASSWORD } } } },
    {
      query: LOG_IN,
      variables: { input: { username: "planter", password: PASSWORD, more: INPUT } },
    },
    { query: LOG_IN, variables: { input: { password: PASSWORD } } },
    { query: LOG_IN, variables: PASSWORD },
    { query: `{ room(slug: ["${INPUT}"]) { id } }` },
    { query: `{ rooms(first: "${INPUT}") { edges { cursor } } }` },
    { query: `{ rooms(first: 1, after: "${INPUT}") { edges { cursor } } }` },
    { query: `{ rooms(sort: "${INPUT}") { edges { cursor } } }` },
    { query: `{ "${INPUT}" }` },
    { query: `{ """${INPUT}""" }` },
    { query: `{ room(slug: "${INPUT}` },
    { query: `{ node(id: {a: "${INPUT}"}) { id } }` },
    { query: `{ node(id: "${INPUT}") { id } }` },
    {
      query: `query ($s: RoomSort) { rooms(sort: $s) { edges { cursor } } }`,
      variables: { s: INPUT },
    },
    {
      query: `query ($n: Int) { rooms(first: $n) { edges { cursor } } }`,
      variables: { n: INPUT },
    },
    { query: ANYTHING, variables: { input: { conversationId: INPUT, body: WORDS } } },
    { query: ANYTHING, variables: { input: { conversationId, clientId: INPUT, body: WORDS } } },
    { query: 5 },
    { body: `{"query": "{ __typename }", "variables": ${INPUT}` },
    { body: INPUT },
    { body: INPUT, headers: { "content-type": `text/${INPUT}` } },
    { path: `/graphql?query=%7B__typename%7D&variables=${INPUT}`, method: "GET" },
    { path: `/files/${INPUT}/original?signature=${INPUT}`, method: "GET" },
    { path: `/files/uploads/${INPUT}`, method: "PATCH", body: INPUT, headers: own() },
    { path: `/export/${INPUT}`, method: "GET" },
    { path: `/${INPUT}`, method: "PUT" },
    {
      path: "/metrics",
      method: "GET",
      headers: { authorization: `Bearer ${FALSE_TOKEN}`, "x-forwarded-for": INPUT },
    },
  ];
  for (const shape of wrong) {
    const { status } = await ask({ ...shape, headers: { ...own(), ...shape.headers } });
    expect(status, JSON.stringify(shape)).toBeLessThan(500);
  }

  // Over sockets: an invalid token, and malformed messages.
  for (const [payload, ...messages] of [
    [{ token: FALSE_TOKEN }],
    [
      { token },
      `{"type":"subscribe","id":"1","payload":{"query":"{ room(slug: [\\"${INPUT}\\"]) { id } }"}}`,
    ],
    [
      { token },
      `{"type":"subscribe","id":"1","payload":{"query":${JSON.stringify(LOG_IN)},"variables":{"input":"${PASSWORD}"}}}`,
    ],
    [{ token }, `{"type":"${INPUT}"}`],
    [{ token }, INPUT],
    [{ token }, `{"type":"subscribe","id":"1","payload":{"query":5,"variables":"${INPUT}"}}`],
  ] as const) {
    const socket = new WebSocket(socketUrl(server), "graphql-transport-ws");
    onRelease(() => socket.terminate());
    const closed = once(socket, "close");
    socket.on("message", (data: Buffer) => {
      const text = data.toString();
      said.push(text);
      if (text.includes('"connection_ack"')) for (const message of messages) socket.send(message);
      if (/"type":"(?:error|complete)"/.test(text)) socket.close();
    });
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "connection_init", payload }));
    const [code, reason] = (await closed) as [number, Buffer];
    said.push(`${String(code)} ${reason.toString()}`);
  }

  // An unexpected failure: the database rejects a write and reports its values.
  await database.query(
    `ALTER TABLE "Message" ADD CONSTRAINT planted CHECK (body NOT LIKE '${WORDS}%') NOT VALID`,
  );
  await database.query(
    `ALTER TABLE "Credential" ADD CONSTRAINT planted CHECK ("passwordHash" = '') NOT VALID`,
  );
  const failing: Shape[] = [
    { query: ANYTHING, variables: { input: { conversationId, body: `${WORDS} and more` } } },
    {
      query: CHANGE,
      variables: { input: { currentPassword: PASSWORD, newPassword: NEXT_PASSWORD } },
    },
    {
      query: `mutation ($input: SignUpInput!) { signUp(input: $input) { __typename } }`,
      variables: { input: { username: "planted", displayName: INPUT, password: NEXT_PASSWORD } },
    },
  ];
  for (const shape of failing) {
    const { text } = await ask({ ...shape, headers: own() });
    expect(text, JSON.stringify(shape)).toContain("INTERNAL_SERVER_ERROR");
    expect(text).not.toMatch(
      /planted|constraint|INSERT|UPDATE|prisma|node_modules|\.ts\b|\n? +at /i,
    );
  }
  const lines = server.output.split("\n").filter((line) => line.includes("A request failed"));
  // The operator still finds the reason in the log.
  expect(lines.length).toBe(failing.length);
  for (const line of lines) expect(line).toContain("violates check constraint");

  const [hash] = await database.query<{ hash: string }>(
    `SELECT "passwordHash" AS hash FROM "Credential"`,
  );
  const secrets = { token, PASSWORD, NEXT_PASSWORD, FALSE_TOKEN, hash: hash?.hash ?? "none" };
  for (const [name, secret] of Object.entries({ ...secrets, INPUT, WORDS })) {
    const line = server.output.split("\n").find((one) => one.includes(secret));
    expect(line, `${name} in the log`).toBeUndefined();
  }
  for (const [name, secret] of Object.entries({ ...secrets, INPUT, WORDS })) {
    expect(
      said.find((text) => text.includes(secret)),
      `${name} in an answer`,
    ).toBeUndefined();
  }
  expect(server.output).not.toContain("$argon2id");
});

describe("messages of graphql-js omit the values", () => {
  test.for([
    [
      'Variable "$i" got invalid value "x"; Expected type "LogInInput" to be an object.',
      'Variable "$i" got an invalid value; Expected type "LogInInput" to be an object.',
    ],
    [
      'Variable "$i" got invalid value { x: "y" } at "i.password"; String cannot represent a non string value: { x: "y" }',
      'Variable "$i" got an invalid value at "i.password"; String cannot represent a non string value.',
    ],
    [
      'Variable "$i" got invalid value { a: "y" }; Field "password" of required type "String!" was not provided.',
      'Variable "$i" got an invalid value; Field "password" of required type "String!" was not provided.',
    ],
    [
      'Variable "$n" got invalid value "y" at "n[0]"; Value "y" does not exist in "RoomSort" enum.',
      'Variable "$n" got an invalid value at "n[0]"; does not exist in "RoomSort" enum.',
    ],
    ['Int cannot represent non-integer value: "y"', "Int cannot represent non-integer value."],
    ['Expected value of type "LogInInput!", found "y".', 'Expected value of type "LogInInput!".'],
    [
      'Value "y" does not exist in "RoomSort" enum. Did you mean the enum value "NAME"?',
      'This value does not exist in "RoomSort" enum. Did you mean the enum value "NAME"?',
    ],
    [
      'Syntax Error: Expected Name, found String "y".',
      "Syntax Error: Expected Name, found String.",
    ],
    [
      'Cannot query field "rom" on type "Query". Did you mean "room"?',
      'Cannot query field "rom" on type "Query". Did you mean "room"?',
    ],
    [
      'Variable "$i" of required type "LogInInput!" was not provided.',
      'Variable "$i" of required type "LogInInput!" was not provided.',
    ],
  ] as const)("%s", ([message, expected]) => {
    expect(redactValues(message)).toBe(expected);
  });
});
