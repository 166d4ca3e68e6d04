import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildSchema, isUnionType, type GraphQLSchema } from "graphql";
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

/** An input for each mutation that would do, if it were asked with a session; null where there is none. */
const INPUTS: Record<string, Record<string, unknown> | null> = {
  acceptInvite: { inviteId: id("Invite") },
  addReaction: { messageId: id("Message"), emoji: "🎉" },
  archiveRoom: { roomId: id("Conversation") },
  banMember: { roomId: id("Conversation"), userId: id("User") },
  blockPerson: { userId: id("User") },
  deletePost: { postId: id("Post") },
  follow: { userId: id("User") },
  cancelUpload: { uploadId: id("Attachment") },
  cancelScheduledMessage: { scheduledMessageId: id("ScheduledMessage") },
  changePassword: { currentPassword: PASSWORD, newPassword: "another good password" },
  createUpload: { fileName: "a.txt", size: 1 },
  createInviteLink: { roomId: id("Conversation") },
  createRoom: { name: "Nobody's room" },
  declineInvite: { inviteId: id("Invite") },
  deleteAccount: { password: PASSWORD },
  deleteMessage: { messageId: id("Message") },
  editScheduledMessage: { scheduledMessageId: id("ScheduledMessage"), body: "better" },
  editMessage: { messageId: id("Message"), body: "better" },
  inviteToRoom: { roomId: id("Conversation"), userId: id("User") },
  followThread: { threadRootId: id("Message") },
  joinRoom: { roomId: id("Conversation") },
  leaveRoom: { roomId: id("Conversation") },
  logIn: { username: "nobody-at-all", password: PASSWORD },
  logOut: null,
  markDelivered: { marks: [{ conversationId: id("Conversation"), seq: 1 }] },
  markRead: { conversationId: id("Conversation"), seq: 1 },
  muteMember: {
    roomId: id("Conversation"),
    userId: id("User"),
    until: new Date(Date.now() + 3_600_000).toISOString(),
  },
  mutePerson: { userId: id("User") },
  openDirectMessage: { userIds: [id("User")] },
  markUnread: { conversationId: id("Conversation"), seq: 1 },
  pinMessage: { messageId: id("Message") },
  publish: { body: "hello, everybody" },
  removeMember: { roomId: id("Conversation"), userId: id("User") },
  removeReaction: { messageId: id("Message"), emoji: "🎉" },
  report: { messageId: id("Message"), reason: "SPAM" },
  requestDataExport: { password: PASSWORD },
  resolveReport: { reportId: id("Report"), resolution: "DISMISSED" },
  revokeInvite: { inviteId: id("Invite") },
  revokeInviteLink: { linkId: id("InviteLink") },
  revokeSession: { sessionId: id("Session") },
  saveDraft: { conversationId: id("Conversation"), body: "hel" },
  scheduleMessage: {
    conversationId: id("Conversation"),
    body: "hello",
    sendAt: new Date(Date.now() + 3_600_000).toISOString(),
  },
  sendMessage: { conversationId: id("Conversation"), body: "hello" },
  setRole: { roomId: id("Conversation"), userId: id("User"), role: "MODERATOR" },
  setAdministrator: { userId: id("User"), isAdministrator: true },
  setPresence: { status: "ONLINE" },
  setTyping: { conversationId: id("Conversation"), typing: true },
  setNotifications: { conversationId: id("Conversation"), level: "MENTIONS" },
  signUp: { username: "newcomer", password: PASSWORD },
  transferOwnership: { roomId: id("Conversation"), userId: id("User") },
  unarchiveRoom: { roomId: id("Conversation") },
  unbanMember: { roomId: id("Conversation"), userId: id("User") },
  unmuteMember: { roomId: id("Conversation"), userId: id("User") },
  unblockPerson: { userId: id("User") },
  unfollow: { userId: id("User") },
  unmutePerson: { userId: id("User") },
  unfollowThread: { threadRootId: id("Message") },
  suspendUser: { userId: id("User"), reason: "because" },
  unpinMessage: { messageId: id("Message") },
  updateRoom: { roomId: id("Conversation"), name: "Another name" },
  unsuspendUser: { userId: id("User") },
  updateProfile: { statusText: "here" },
};

/** The id fields of each mutation's input, and of what they must be the id. */
const ID_FIELDS: [mutation: string, field: string, kind: string][] = [
  ["acceptInvite", "inviteId", "Invite"],
  ["archiveRoom", "roomId", "Conversation"],
  ["banMember", "roomId", "Conversation"],
  ["banMember", "userId", "User"],
  ["createInviteLink", "roomId", "Conversation"],
  ["declineInvite", "inviteId", "Invite"],
  ["inviteToRoom", "roomId", "Conversation"],
  ["inviteToRoom", "userId", "User"],
  ["muteMember", "roomId", "Conversation"],
  ["muteMember", "userId", "User"],
  ["removeMember", "roomId", "Conversation"],
  ["removeMember", "userId", "User"],
  ["revokeInvite", "inviteId", "Invite"],
  ["revokeInviteLink", "linkId", "InviteLink"],
  ["setRole", "roomId", "Conversation"],
  ["setRole", "userId", "User"],
  ["transferOwnership", "roomId", "Conversation"],
  ["transferOwnership", "userId", "User"],
  ["unarchiveRoom", "roomId", "Conversation"],
  ["unbanMember", "roomId", "Conversation"],
  ["unbanMember", "userId", "User"],
  ["unmuteMember", "roomId", "Conversation"],
  ["unmuteMember", "userId", "User"],
  ["updateRoom", "roomId", "Conversation"],
  ["addReaction", "messageId", "Message"],
  ["blockPerson", "userId", "User"],
  ["cancelUpload", "uploadId", "Attachment"],
  ["cancelScheduledMessage", "scheduledMessageId", "ScheduledMessage"],
  ["deleteMessage", "messageId", "Message"],
  ["deletePost", "postId", "Post"],
  ["editMessage", "messageId", "Message"],
  ["follow", "userId", "User"],
  ["mutePerson", "userId", "User"],
  ["openDirectMessage", "userIds", "User"],
  ["editScheduledMessage", "scheduledMessageId", "ScheduledMessage"],
  ["followThread", "threadRootId", "Message"],
  ["joinRoom", "roomId", "Conversation"],
  ["leaveRoom", "roomId", "Conversation"],
  ["markRead", "conversationId", "Conversation"],
  ["markUnread", "conversationId", "Conversation"],
  ["pinMessage", "messageId", "Message"],
  ["removeReaction", "messageId", "Message"],
  ["report", "messageId", "Message"],
  ["report", "userId", "User"],
  ["report", "roomId", "Conversation"],
  ["resolveReport", "reportId", "Report"],
  ["revokeSession", "sessionId", "Session"],
  ["sendMessage", "attachmentIds", "Attachment"],
  ["saveDraft", "conversationId", "Conversation"],
  ["saveDraft", "replyToId", "Message"],
  ["saveDraft", "threadRootId", "Message"],
  ["scheduleMessage", "conversationId", "Conversation"],
  ["scheduleMessage", "replyToId", "Message"],
  ["scheduleMessage", "threadRootId", "Message"],
  ["sendMessage", "conversationId", "Conversation"],
  ["sendMessage", "replyToId", "Message"],
  ["unblockPerson", "userId", "User"],
  ["unfollow", "userId", "User"],
  ["unmutePerson", "userId", "User"],
  ["sendMessage", "threadRootId", "Message"],
  ["unfollowThread", "threadRootId", "Message"],
  ["setAdministrator", "userId", "User"],
  ["suspendUser", "userId", "User"],
  ["setTyping", "conversationId", "Conversation"],
  ["setNotifications", "conversationId", "Conversation"],
  ["unpinMessage", "messageId", "Message"],
  ["unsuspendUser", "userId", "User"],
  ["updateProfile", "avatarUploadId", "Attachment"],
  ["updateRoom", "pictureUploadId", "Attachment"],
];

const schema: GraphQLSchema = buildSchema(
  await readFile(join(import.meta.dirname, "../../schema.graphql"), "utf8"),
);

let server: TestServer;
let anyone: TestClient;
let ada: Actor;

beforeAll(async () => {
  server = await startServer({ databaseUrl: (await createDatabase()).url });
  anyone = client(server);
  ada = seedOn(server).user("ada");
  await ada.signsUp();
});

function mutationOf(name: string): string {
  const input =
    INPUTS[name] === null ? ["", ""] : [`($input: ${inputType(name)}!)`, "(input: $input)"];
  return `mutation${input[0]} { ${name}${input[1]} { __typename
    ... on Error { code message ... on InvalidInputError { fields { field code } } } } }`;
}

function inputType(name: string): string {
  return `${name[0]?.toUpperCase() ?? ""}${name.slice(1)}Input`;
}

function fieldsOf(type: "Query" | "Mutation"): string[] {
  const root = type === "Query" ? schema.getQueryType() : schema.getMutationType();
  return Object.keys(root?.getFields() ?? {});
}

describe("without a session", () => {
  test("there is a case here for every mutation", () => {
    expect(Object.keys(INPUTS).sort()).toEqual(fieldsOf("Mutation").sort());
  });

  test.for(Object.keys(INPUTS))("%s says so in a typed error, or needs none", async (name) => {
    const result = schema.getMutationType()?.getFields()[name]?.type;
    const union = result !== undefined && "ofType" in result ? result.ofType : result;
    if (!isUnionType(union)) throw new Error(`${name} answers no union`);
    const needsSession = union.getTypes().some((type) => type.name === "NotAuthenticatedError");
    expect(needsSession).toBe(!["logIn", "signUp"].includes(name));
    const answer = await anyone.mutate<{ __typename: string; code?: string }>(mutationOf(name), {
      input: INPUTS[name],
    });
    if (needsSession) {
      expect(answer).toMatchObject({
        __typename: "NotAuthenticatedError",
        code: "UNAUTHENTICATED",
      });
    } else {
      expect(answer.code).not.toBe("UNAUTHENTICATED");
    }
  });

  const QUERIES: Record<string, string> = {
    inviteInfo: `inviteInfo(token: "nothing") { expiresAt }`,
    auditLog: `auditLog { edges { node { id } } }`,
    node: `node(id: "${id("User")}") { id }`,
    nodes: `nodes(ids: ["${id("User")}"]) { id }`,
    reports: `reports { edges { node { id } } }`,
    room: `room(slug: "lobby") { id }`,
    rooms: `rooms { edges { node { id } } }`,
    searchMessages: `searchMessages(query: "hello") { edges { cursor } }`,
    suspensions: `suspensions { edges { node { reason } } }`,
    user: `user(username: "ada") { id }`,
    users: `users(search: "ada") { edges { cursor } }`,
  };

  test("there is a case here for every query that needs one", () => {
    expect([...Object.keys(QUERIES), "server", "viewer"].sort()).toEqual(fieldsOf("Query").sort());
  });

  test.for(Object.entries(QUERIES))("%s is refused", async ([, selection]) => {
    const { data, errors } = await anyone.send<Record<string, unknown>>(`{ ${selection} }`);
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
    for (const value of Object.values(data ?? {})) expect(value).toBeNull();
  });

  test("the viewer is null, and the server tells only what a form needs", async () => {
    expect(
      await anyone.query("{ viewer { user { id } } server { name sessionPolicy lobby { id } } }"),
    ).toEqual({
      viewer: null,
      server: { name: "Parley", sessionPolicy: "MULTIPLE", lobby: null },
    });
  });

  test("a subscription is refused over a socket, which stays", async () => {
    const socket = await connect(server);
    const events = socket.subscribe("subscription { events { cursor } }");
    const { errors } = await events.ended;
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
    expect(await socket.execute("{ __typename }")).toEqual({ data: { __typename: "Query" } });
    await socket.close();
  });
});

describe("ids that are none", () => {
  const BAD: [string, (kind: string) => string][] = [
    ["nothing", () => ""],
    ["text", () => "lobby"],
    ["a bare UUID", () => randomUUID()],
    ["base64 of anything", () => Buffer.from("anything").toString("base64")],
    ["the right kind without a UUID", (kind) => id(kind, "1")],
    ["a UUID and more", (kind) => id(kind, `${randomUUID()}'--`)],
    ["a NUL", (kind) => id(kind, "\u0000")],
    ["another kind", (kind) => id(kind === "User" ? "Message" : "User")],
    ["a kind that does not exist", () => id("Nothing")],
    ["something very long", (kind) => id(kind, "0".repeat(10_000))],
  ];

  test("are tried for every id field of every input", () => {
    const found = fieldsOf("Mutation").flatMap((mutation) => {
      const type = schema.getType(inputType(mutation));
      const fields = type !== undefined && "getFields" in type ? type.getFields() : {};
      return Object.values(fields).flatMap((field) =>
        /^\[?ID/.test(String(field.type)) ? [`${mutation}.${field.name}`] : [],
      );
    });
    const tried = ID_FIELDS.map(([mutation, field]) => `${mutation}.${field}`);
    expect(tried.sort()).toEqual(found.sort());
  });

  test.for(ID_FIELDS)("%s.%s names the field that is wrong", async ([mutation, field, kind]) => {
    for (const [what, make] of BAD) {
      const input = { ...INPUTS[mutation], [field]: make(kind) };
      expect(await ada.mutate(mutationOf(mutation), { input }), what).toMatchObject({
        __typename: "InvalidInputError",
        code: "INVALID_INPUT",
        fields: [{ field, code: "INVALID_ID" }],
      });
    }
  });

  test("are nothing to node and nodes", async () => {
    const ids = BAD.map(([, make]) => make("Message"));
    expect(await ada.query(`query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, { ids })).toEqual({
      nodes: ids.map(() => null),
    });
  });

  test("of a stream's conversations refuse the subscription", async () => {
    const socket = await connect(server, { token: (await ada.signsUp()).token });
    const events = socket.subscribe(
      "subscription($ids: [ID!]) { events(conversationIds: $ids) { cursor } }",
      { ids: ["lobby"] },
    );
    expect((await events.ended).errors).toMatchObject([{ extensions: { code: "INVALID_INPUT" } }]);
    await socket.close();
  });

  test("are no trouble as slugs and names either", async () => {
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

describe("a document that is not valid", () => {
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
  ])("%s says what is wrong", async ([, query, variables, message]) => {
    const { data, errors, status } = await anyone.send(query, variables);
    expect(data).toBeNull();
    expect(errors[0]?.message).toMatch(message);
    expect(errors[0]?.extensions?.code).not.toBe("INTERNAL_SERVER_ERROR");
    expect(status).toBeLessThan(500);
  });

  test("with a wrong cursor says so", async () => {
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

describe("an error that nobody expected", () => {
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

  /** The masked error, whose request id must be in the log beside the real reason. */
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

  test("is masked in a mutation, whose union has no place for it", async () => {
    const { data, errors } = await (
      await victim.client()
    ).send(SEND_MESSAGE, { input: { conversationId: room.id, body: "hello" } });
    expect(data).toBeNull();
    await expectMasked(errors);
  });

  test("is masked over a socket, which stays", async () => {
    const socket = await connect(broken, { token: (await victim.signsUp()).token });
    const { errors = [] } = await socket.execute(HISTORY, { id: room.id });
    await expectMasked(errors);
    expect(await socket.execute("{ viewer { user { username } } }")).toEqual({
      data: { viewer: { user: { username: "victim" } } },
    });
    await socket.close();
  });

  test("leaves all else at work", async () => {
    expect(await victim.query(`{ room(slug: "doomed") { name } }`)).toEqual({
      room: { name: "Doomed" },
    });
  });
});

describe("while the database cannot be reached", () => {
  test("everything that needs it says UNAVAILABLE or OVERLOADED, and works again after", async () => {
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
    // The first use of a connection that was cut may say so itself; it must not be told apart.
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
