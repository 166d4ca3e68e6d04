import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { client, PASSWORD, type Answer, type TestClient } from "../kit/client.ts";
import { createDatabase } from "../kit/database.ts";
import { LOG_IN, SEND_MESSAGE, type Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { connect } from "../kit/socket.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { makeDatabaseGate } from "./database-gate.ts";

const id = (kind: string, uuid: string = randomUUID()): string =>
  Buffer.from(`${kind}:${uuid}`).toString("base64");

let server: TestServer;
let anyone: TestClient;
let ada: Actor;

beforeAll(async () => {
  server = await startServer({ databaseUrl: (await createDatabase()).url });
  anyone = client(server);
  ada = seedOn(server).user("ada");
  await ada.signsUp();
});

describe("without a session", () => {
  test("the viewer is null, and the server shows only the fields that a log-in form needs", async () => {
    expect(
      await anyone.query("{ viewer { user { id } } server { name sessionPolicy lobby { id } } }"),
    ).toEqual({
      viewer: null,
      server: { name: "Parley", sessionPolicy: "MULTIPLE", lobby: null },
    });
  });

  test("a subscription is rejected over a socket, which stays open", async () => {
    const socket = await connect(server);
    const events = socket.subscribe("subscription { events { cursor } }");
    const { errors } = await events.ended;
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
    expect(await socket.execute("{ __typename }")).toEqual({ data: { __typename: "Query" } });
    await socket.close();
  });
});

describe("invalid ids and names", () => {
  const BAD: [string, (kind: string) => string][] = [
    ["an empty text", () => ""],
    ["text", () => "lobby"],
    ["a bare UUID", () => randomUUID()],
    ["base64 of anything", () => Buffer.from("anything").toString("base64")],
    ["the right kind without a UUID", (kind) => id(kind, "1")],
    ["a UUID and more", (kind) => id(kind, `${randomUUID()}'--`)],
    ["a NUL", (kind) => id(kind, "\u0000")],
    ["another kind", (kind) => id(kind === "User" ? "Message" : "User")],
    ["a kind that does not exist", () => id("Nothing")],
    ["a very long id", (kind) => id(kind, "0".repeat(10_000))],
  ];

  test("are null in node and nodes", async () => {
    const ids = BAD.map(([, make]) => make("Message"));
    expect(await ada.query(`query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, { ids })).toEqual({
      nodes: ids.map(() => null),
    });
  });

  test("in conversationIds reject the subscription", async () => {
    const socket = await connect(server, { token: (await ada.signsUp()).token });
    const events = socket.subscribe(
      "subscription($ids: [ID!]) { events(conversationIds: $ids) { cursor } }",
      { ids: ["lobby"] },
    );
    expect((await events.ended).errors).toMatchObject([{ extensions: { code: "INVALID_INPUT" } }]);
    await socket.close();
  });

  test("find nothing as slugs and usernames, without an error", async () => {
    for (const text of ["", " ", "a\u0000b", "%", "'", "\ud800", "x".repeat(10_000)]) {
      const found = await ada.query(
        `query($text: String!) { room(slug: $text) { id } user(username: $text) { id }
           rooms(search: $text, first: 1) { pageInfo { hasPreviousPage } } }`,
        { text },
      );
      expect(found).toMatchObject({ room: null, user: null });
    }
  });
});

describe("an invalid document", () => {
  test.for<[string, string, Record<string, unknown>, RegExp]>([
    ["with a syntax error", "{ viewer {", {}, /Syntax Error/],
    ["empty", "", {}, /Syntax Error|query/i],
    ["with an unknown field", "{ nothing }", {}, /Cannot query field "nothing"/],
    ["without a selection", "{ viewer }", {}, /must have a selection/],
    ["with a cyclic fragment", "{ ...F } fragment F on Query { ...F }", {}, /spread fragment "F"/],
    ["with a missing variable", LOG_IN, {}, /"\$input" of required type/],
    ["with a wrong variable", LOG_IN, { input: { username: 1, password: "x" } }, /String cannot/],
    [
      "with an unknown variable field",
      LOG_IN,
      { input: { name: "ada" } },
      /"username" of required|not defined by type|"password" of required/,
    ],
  ])("%s returns the reason", async ([, query, variables, message]) => {
    const { data, errors, status } = await anyone.send(query, variables);
    expect(data).toBeNull();
    expect(errors[0]?.message).toMatch(message);
    expect(errors[0]?.extensions?.code).not.toBe("INTERNAL_SERVER_ERROR");
    expect(status).toBeLessThan(500);
  });

  test("with an invalid cursor of a subscription returns the reason", async () => {
    for (const after of ["nonsense", Buffer.from("[1]").toString("base64url")]) {
      const socket = await connect(server, { token: (await ada.signsUp()).token });
      const events = socket.subscribe(
        "subscription($after: Cursor) { events(after: $after) { cursor } }",
        { after },
      );
      const { errors } = await events.ended;
      expect(errors?.[0]?.message).toContain("This is not a cursor of this server");
      expect(errors?.[0]?.extensions?.code).not.toBe("INTERNAL_SERVER_ERROR");
      expect(await socket.execute("{ __typename }")).toEqual({ data: { __typename: "Query" } });
      await socket.close();
    }
  });
});

describe("an unexpected error", () => {
  let broken: TestServer;
  let victim: Actor;
  let room: Room;

  beforeAll(async () => {
    const database = await createDatabase();
    broken = await startServer({ databaseUrl: database.url });
    victim = seedOn(broken).user("victim");
    room = await victim.createsRoom("Doomed");
    await database.query(`DROP TABLE "Message" CASCADE`);
  });

  /** Expects a masked error, whose request id is in the log with the real reason. */
  async function expectMasked(errors: Answer<unknown>["errors"]): Promise<void> {
    expect(errors).toHaveLength(1);
    const { message = "", extensions } = errors[0] ?? {};
    expect(extensions).toMatchObject({ code: "INTERNAL_SERVER_ERROR" });
    const requestId = String(extensions?.["requestId"]);
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.stringify(errors)).not.toMatch(/relation|SELECT|prisma|node_modules|stack/i);
    expect(message).toContain("request id");
    const lines = await eventually(() => {
      const found = broken.output.split("\n").filter((line) => line.includes(requestId));
      expect(found.length).toBeGreaterThan(0);
      return found;
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`relation \\"Message\\" does not exist`);
  }

  const HISTORY = `query($id: ID!) { node(id: $id) { ... on Room { messages { edges { node { id } } } } } }`;

  test("is masked in a query, and logged once with its reason", async () => {
    const { data, errors, status } = await (await victim.client()).send(HISTORY, { id: room.id });
    expect({ data, status }).toEqual({ data: { node: null }, status: 200 });
    await expectMasked(errors);
  });

  test("is masked in a mutation, whose union has no member for it", async () => {
    const { data, errors } = await (
      await victim.client()
    ).send(SEND_MESSAGE, { input: { conversationId: room.id, body: "hello" } });
    expect(data).toBeNull();
    await expectMasked(errors);
  });

  test("is masked over a socket, which stays open", async () => {
    const socket = await connect(broken, { token: (await victim.signsUp()).token });
    const { errors = [] } = await socket.execute(HISTORY, { id: room.id });
    await expectMasked(errors);
    expect(await socket.execute("{ viewer { user { username } } }")).toEqual({
      data: { viewer: { user: { username: "victim" } } },
    });
    await socket.close();
  });

  test("does not affect other operations", async () => {
    expect(await victim.query(`{ room(slug: "doomed") { name } }`)).toEqual({
      room: { name: "Doomed" },
    });
  });
});

describe("while the database is unreachable", () => {
  test("operations return UNAVAILABLE or OVERLOADED, and work again afterwards", async () => {
    const gate = await makeDatabaseGate((await createDatabase()).url);
    const alone = await startServer({ databaseUrl: gate.url });
    const seed = seedOn(alone);
    const person = seed.user("patient");
    const room = await person.createsRoom("Patience");
    const known = await person.client();
    const stranger = client(alone).as("a-token-that-nobody-knows-yet");
    const input = { conversationId: room.id, body: "hello", clientId: randomUUID() };
    await known.query("{ viewer { cursor } }");
    await gate.shut();

    const unavailable = [{ extensions: { code: "UNAVAILABLE", retryAfterMs: 1_000 } }];
    // The first use of a cut connection may also fail; clients must get the same error.
    for (let i = 0; i < 3; i += 1) {
      for (const query of ["{ rooms { edges { node { id } } } }", "{ viewer { cursor } }"]) {
        const { errors } = await known.send(query);
        expect(errors, query).toMatchObject(unavailable);
      }
      const { errors, status } = await stranger.send("{ viewer { user { id } } }");
      expect(errors).toMatchObject(unavailable);
      expect(status).toBeLessThan(600);
      const loggedIn = await client(alone).send(LOG_IN, {
        input: { username: "patient", password: PASSWORD },
      });
      expect(loggedIn.errors).toMatchObject(unavailable);
    }
    expect(await known.mutate(SEND_MESSAGE, { input })).toMatchObject({
      __typename: "OverloadedError",
      code: "OVERLOADED",
    });
    expect(await client(alone).query("{ server { name } }")).toEqual({
      server: { name: "Parley" },
    });

    await gate.open();
    await eventually(() => known.query("{ viewer { cursor } }"), { timeoutMs: 10_000 });
    expect(await eventually(() => known.mutate(SEND_MESSAGE, { input }))).toMatchObject({
      __typename: "SendMessagePayload",
      sentMessage: { seq: 1 },
    });
  });
});
