import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { client } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import {
  SEND_MESSAGE,
  type ChatMessage,
  type Room,
  type SendMessageResult,
  type TypedError,
} from "../kit/documents.ts";
import {
  DELETE_MESSAGE,
  EDIT_MESSAGE,
  EDITS,
  FULL_CONVERSATION,
  FULL_MESSAGES,
  MESSAGE_EVENTS,
  PIN_MESSAGE,
  UNPIN_MESSAGE,
  type ChangePayload,
  type Edits,
  type FullConversation,
  type FullMessage,
  type MessageEvent,
} from "../kit/message-documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import type { Subscription } from "../kit/socket.ts";
import { inOrder } from "./head-holder.ts";

let database: TestDatabase;
let server: TestServer;
let seed: Seed;
/** The owner of the rooms. */
let owner: Actor;
/** A moderator of the rooms. */
let keeper: Actor;
/** The author of the changed messages. */
let author: Actor;
/** Another member. */
let member: Actor;
/** A former member of the rooms. */
let former: Actor;
let stranger: Actor;
let room: Room;
let hidden: Room;
let rooms = 0;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url });
  seed = seedOn(server);
  owner = seed.user("owner");
  keeper = seed.user("keeper");
  author = seed.user("author");
  member = seed.user("member");
  former = seed.user("former");
  stranger = seed.user("stranger");
  for (const person of [owner, keeper, author, member, former, stranger]) await person.signsUp();
  hidden = await peopled("Hidden");
  await database.query(`UPDATE "Conversation" SET visibility = 'PRIVATE' WHERE id = $1`, [
    uuid(hidden.id),
  ]);
});

beforeEach(async () => {
  rooms += 1;
  room = await peopled(`Room ${rooms}`);
});

/** A public room with everyone but the stranger; one user has left it. */
async function peopled(name: string): Promise<Room> {
  const made = await owner.createsRoom(name);
  for (const person of [keeper, author, member, former]) await person.joins(made);
  await former.leaves(made);
  const { user } = await keeper.signsUp();
  await database.query(
    `UPDATE "Membership" SET role = 'MODERATOR' WHERE "conversationId" = $1 AND "userId" = $2`,
    [uuid(made.id), uuid(user.id)],
  );
  return made;
}

function uuid(id: string): string {
  return Buffer.from(id, "base64").toString().split(":")[1] ?? "";
}

async function messageOf(message: { id: string }, who = author): Promise<FullMessage> {
  const { nodes } = await who.query<{ nodes: FullMessage[] }>(FULL_MESSAGES, { ids: [message.id] });
  if (!nodes[0]) throw new Error("the message cannot be seen");
  return nodes[0];
}

async function conversationOf(where: Room, who = author): Promise<FullConversation> {
  return (await who.query<{ node: FullConversation }>(FULL_CONVERSATION, { id: where.id })).node;
}

/** Returns `OK` or the error code of a mutation. */
async function codeOf(
  who: Actor | null,
  document: string,
  input: Record<string, unknown>,
): Promise<string> {
  const asked = who === null ? client(server) : await who.client();
  const answer = await asked.mutate<ChangePayload | TypedError>(document, { input });
  return "code" in answer ? answer.code : "OK";
}

async function listen(who: Actor, after?: string): Promise<Subscription<MessageEvent>> {
  const stream = await (
    await who.client()
  ).subscribe<MessageEvent>({
    query: MESSAGE_EVENTS,
    variables: after === undefined ? {} : { after },
  });
  await stream.next(({ __typename }) => __typename === "Ready");
  return stream;
}

/** Replays a stream after a cursor, up to a message sent after it is open. */
async function replay(who: Actor, after: string, where: Room): Promise<MessageEvent[]> {
  const stream = await listen(who, after);
  const { id } = await owner.says(where, "the end");
  await stream.next(({ message }) => message?.id === id);
  await stream.close();
  return stream.all.filter(({ message }) => message !== undefined && message.id !== id);
}

const cursorNow = async (who = author): Promise<string> =>
  (await who.query<{ viewer: { cursor: string } }>("{ viewer { cursor } }")).viewer.cursor;

type Role = "owner" | "keeper" | "author" | "member" | "former" | "stranger" | "anonymous";

function who(role: Role): Actor | null {
  return role === "anonymous" ? null : { owner, keeper, author, member, former, stranger }[role];
}

/** The outcome for each role in a public and in a private room. */
type Table = Record<Role, [inPublic: string, inPrivate: string]>;

const MUTATIONS: [string, string, Record<string, unknown>, Table][] = [
  [
    "editMessage",
    EDIT_MESSAGE,
    { body: "changed" },
    {
      owner: ["NOT_ALLOWED", "NOT_ALLOWED"],
      keeper: ["NOT_ALLOWED", "NOT_ALLOWED"],
      author: ["OK", "OK"],
      member: ["NOT_ALLOWED", "NOT_ALLOWED"],
      former: ["NOT_ALLOWED", "NOT_FOUND"],
      stranger: ["NOT_ALLOWED", "NOT_FOUND"],
      anonymous: ["UNAUTHENTICATED", "UNAUTHENTICATED"],
    },
  ],
  [
    "deleteMessage",
    DELETE_MESSAGE,
    {},
    {
      owner: ["OK", "OK"],
      keeper: ["OK", "OK"],
      author: ["OK", "OK"],
      member: ["NOT_ALLOWED", "NOT_ALLOWED"],
      former: ["NOT_ALLOWED", "NOT_FOUND"],
      stranger: ["NOT_ALLOWED", "NOT_FOUND"],
      anonymous: ["UNAUTHENTICATED", "UNAUTHENTICATED"],
    },
  ],
  ...["pinMessage", "unpinMessage"].map(
    (name): [string, string, Record<string, unknown>, Table] => [
      name,
      name === "pinMessage" ? PIN_MESSAGE : UNPIN_MESSAGE,
      {},
      {
        owner: ["OK", "OK"],
        keeper: ["OK", "OK"],
        author: ["NOT_ALLOWED", "NOT_ALLOWED"],
        member: ["NOT_ALLOWED", "NOT_ALLOWED"],
        former: ["NOT_ALLOWED", "NOT_FOUND"],
        stranger: ["NOT_ALLOWED", "NOT_FOUND"],
        anonymous: ["UNAUTHENTICATED", "UNAUTHENTICATED"],
      },
    ],
  ),
];

describe("permission to change a message", () => {
  test.for(MUTATIONS)("%s", async ([, document, input, table]) => {
    for (const [role, [inPublic, inPrivate]] of Object.entries(table)) {
      for (const [where, code] of [
        [room, inPublic],
        [hidden, inPrivate],
      ] as const) {
        const message = await author.says(where, "said");
        const answer = await codeOf(who(role as Role), document, {
          messageId: message.id,
          ...input,
        });
        expect(answer, `${role} in ${where.name}`).toBe(code);
        if (code !== "OK") {
          expect(await messageOf(message)).toMatchObject({
            body: "said",
            editedAt: null,
            deletedAt: null,
            pinnedAt: null,
          });
        }
      }
    }
  });

  test("an author who has left may delete a message, but no longer edit it", async () => {
    const message = await author.says(room, "said");
    await author.leaves(room);
    const input = { messageId: message.id };
    expect(await codeOf(author, EDIT_MESSAGE, { ...input, body: "changed" })).toBe("NOT_ALLOWED");
    expect((await messageOf(message)).body).toBe("said");
    expect(await codeOf(author, DELETE_MESSAGE, input)).toBe("OK");
    expect(await messageOf(message)).toMatchObject({ body: "", deletedAt: expect.any(String) });
  });

  test("an author who can no longer see a message cannot delete it", async () => {
    const message = await author.says(hidden, "said");
    await author.leaves(hidden);
    expect(await codeOf(author, DELETE_MESSAGE, { messageId: message.id })).toBe("NOT_FOUND");
    expect((await messageOf(message, owner)).body).toBe("said");
    await database.query(
      `UPDATE "Membership" SET "leftPosition" = NULL, "leftAt" = NULL
       WHERE "conversationId" = $1 AND "userId" = $2`,
      [uuid(hidden.id), uuid((await author.signsUp()).user.id)],
    );
  });

  test("an author who leaves while the edit waits for its lock cannot edit", async () => {
    const message = await author.says(room, "said");
    const stream = await listen(member);
    const [, edited] = await inOrder(
      database,
      () => author.leaves(room),
      () => codeOf(author, EDIT_MESSAGE, { messageId: message.id, body: "changed" }),
    );
    expect(edited).toBe("NOT_ALLOWED");
    expect((await messageOf(message, owner)).body).toBe("said");
    const end = await owner.says(room, "the end");
    await stream.next((event) => event.message?.id === end.id);
    expect(stream.all.map(({ __typename }) => __typename)).not.toContain("MessageEdited");
  });

  test("a message that does not exist cannot be changed", async () => {
    const messageId = Buffer.from(`Message:${crypto.randomUUID()}`).toString("base64");
    for (const [name, document, input] of MUTATIONS) {
      expect(await codeOf(owner, document, { messageId, ...input }), name).toBe("NOT_FOUND");
    }
  });
});

describe("editing", () => {
  test("changes the text, sets the time, and sends an event to members", async () => {
    const stream = await listen(member);
    const message = await author.says(room, "helo");
    const { changed, cursor } = await author.edits(message, "hello");
    expect(changed).toMatchObject({ id: message.id, seq: 1, body: "hello", deletedAt: null });
    expect(Date.parse(changed.editedAt ?? "")).toBeGreaterThanOrEqual(
      Date.parse(message.createdAt),
    );
    const event = await stream.next(({ __typename }) => __typename === "MessageEdited");
    expect(event).toMatchObject({ cursor, conversationId: room.id, message: changed });
    expect(await messageOf(message, stranger)).toEqual(changed);
    expect((await conversationOf(room)).lastMessage).toEqual(changed);
  });

  test("to the same text has no effect and sends no event", async () => {
    const message = await author.says(room, "said");
    const first = await author.edits(message, "changed");
    const stream = await listen(member);
    expect((await author.edits(message, "changed")).changed).toEqual(first.changed);
    const end = await author.says(room, "the end");
    await stream.next((event) => event.message?.id === end.id);
    expect(stream.all.map(({ __typename }) => __typename)).not.toContain("MessageEdited");
    expect((await editsOf(message)).edges).toHaveLength(1);
  });

  test.for([
    ["an empty text", "", "REQUIRED"],
    ["whitespace", " \n\t ", "REQUIRED"],
    ["a text that is too long", "x".repeat(100_000), "TOO_LONG"],
    ["a NUL", "a\u0000b", "INVALID_FORMAT"],
    ["half a character", "a\ud800", "INVALID_FORMAT"],
  ] as const)("to %s is rejected", async ([, body, code]) => {
    const message = await author.says(room, "said");
    const answer = await author.mutate<TypedError>(EDIT_MESSAGE, {
      input: { messageId: message.id, body },
    });
    expect(answer).toMatchObject({ code: "INVALID_INPUT", fields: [{ field: "body", code }] });
    expect((await messageOf(message)).editedAt).toBeNull();
  });

  test("shows in replies to the message", async () => {
    const message = await author.says(room, "said");
    const answer = await member.says(room, "answered", { replyToId: message.id });
    await author.edits(message, "changed");
    expect((await messageOf(answer)).replyTo).toMatchObject({ id: message.id, body: "changed" });
  });

  test("in parallel stores every former text once", async () => {
    const message = await author.says(room, "text 0");
    const texts = Array.from({ length: 10 }, (_, index) => `text ${index + 1}`);
    await Promise.all(texts.map((text) => author.edits(message, text)));
    const { body } = await messageOf(message);
    const former = (await editsOf(message)).edges.map(({ node }) => node.body);
    expect([body, ...former].sort()).toEqual(["text 0", ...texts].sort());
  });
});

async function editsOf(message: ChatMessage, slice: object = {}, by = author): Promise<Edits> {
  const { node } = await by.query<{ node: { edits: Edits } }>(EDITS, { id: message.id, ...slice });
  return node.edits;
}

describe("former texts", () => {
  let message: ChatMessage;
  beforeEach(async () => {
    message = await author.says(room, "text 0");
    for (let turn = 1; turn <= 4; turn += 1) await author.edits(message, `text ${turn}`);
  });

  const bodies = ({ edges }: Edits): string[] => edges.map(({ node }) => node.body);

  test("are listed newest first, in pages", async () => {
    expect(bodies(await editsOf(message))).toEqual(["text 3", "text 2", "text 1", "text 0"]);
    const first = await editsOf(message, { first: 2 });
    expect(bodies(first)).toEqual(["text 3", "text 2"]);
    expect(first.pageInfo.hasNextPage).toBe(true);
    const rest = await editsOf(message, { first: 9, after: first.edges[1]?.cursor });
    expect(bodies(rest)).toEqual(["text 1", "text 0"]);
    expect(rest.pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: true });
    const back = await editsOf(message, { last: 9, before: rest.edges[0]?.cursor });
    expect(bodies(back)).toEqual(["text 3", "text 2"]);
  });

  test("are visible to the author and to moderators, also by message id", async () => {
    for (const reader of [author, owner, keeper]) {
      expect(bodies(await editsOf(message, {}, reader)), reader.username).toHaveLength(4);
    }
    for (const reader of [member, former, stranger]) {
      const answer = await (
        await reader.client()
      ).send<{ node: { edits: Edits } | null }>(EDITS, { id: message.id });
      expect(JSON.stringify(answer.data)).not.toContain("text");
      expect(answer.errors, reader.username).toMatchObject([
        { path: ["node", "edits"], extensions: { code: "NOT_ALLOWED" } },
      ]);
    }
    expect((await client(server).send(EDITS, { id: message.id })).errors).toMatchObject([
      { extensions: { code: "UNAUTHENTICATED" } },
    ]);
  });

  test("of a message in a private room are hidden from others, like the message", async () => {
    const secret = await author.says(hidden, "secret 0");
    await author.edits(secret, "secret 1");
    for (const reader of [former, stranger]) {
      expect(await reader.query(EDITS, { id: secret.id })).toEqual({ node: null });
    }
  });

  test("reject cursors of other lists", async () => {
    const answer = await (await author.client()).send(EDITS, { id: message.id, after: "W10" });
    expect(answer.errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });
});

describe("deleting", () => {
  const SECRET = "the quick brown secret";

  test("leaves an empty message with its number", async () => {
    const message = await author.says(room, SECRET);
    const stream = await listen(member);
    const { changed, cursor } = await keeper.deletes(message);
    expect(changed).toMatchObject({ id: message.id, seq: 1, body: "", reactions: [] });
    expect(changed.deletedAt).not.toBeNull();
    const event = await stream.next(({ __typename }) => __typename === "MessageDeleted");
    expect(event).toMatchObject({ cursor, message: changed });
    await author.says(room, "next");
    const { messages, lastSeq } = await conversationOf(room);
    expect(lastSeq).toBe(2);
    expect(messages.edges.map(({ node }) => [node.seq, node.body])).toEqual([
      [1, ""],
      [2, "next"],
    ]);
  });

  test("removes the text, former texts, reactions and the pin from the database", async () => {
    const message = await author.says(room, `${SECRET} one`);
    await author.edits(message, `${SECRET} two`);
    await member.reacts(message, "🎉");
    await owner.pins(message);
    await author.deletes(message);
    const counts = await database.query<{ texts: number; edits: number; rest: number }>(
      `SELECT (SELECT count(*) FROM "Message" WHERE body LIKE $1)::int AS texts,
              (SELECT count(*) FROM "MessageEdit" WHERE "messageId" = $2)::int AS edits,
              ((SELECT count(*) FROM "Reaction" WHERE "messageId" = $2)
               + (SELECT count(*) FROM "Pin" WHERE "messageId" = $2))::int AS rest`,
      [`%${SECRET}%`, uuid(message.id)],
    );
    expect(counts).toEqual([{ texts: 0, edits: 0, rest: 0 }]);
    const events = await database.query<{ text: string }>(`SELECT e::text AS text FROM "Event" e`);
    expect(events.filter(({ text }) => text.includes(SECRET))).toEqual([]);
    expect((await conversationOf(room)).pinnedMessages).toEqual([]);
    expect((await editsOf(message)).edges).toEqual([]);
  });

  test("removes the text from the last message and from replies", async () => {
    const message = await author.says(room, SECRET);
    const answer = await member.says(room, "answered", { replyToId: message.id });
    const last = await author.says(room, SECRET);
    await author.deletes(message);
    await author.deletes(last);
    const shown = await conversationOf(room, stranger);
    expect(shown.lastMessage).toMatchObject({ id: last.id, body: "" });
    expect(JSON.stringify(shown)).not.toContain(SECRET);
    const { replyTo } = await messageOf(answer);
    expect(replyTo).toMatchObject({ id: message.id, body: "" });
    expect(replyTo?.deletedAt).not.toBeNull();
  });

  /** Sends, edits and deletes messages. Returns the cursor from before, and the messages. */
  async function story(): Promise<{ before: string; deleted: ChatMessage; edited: ChatMessage }> {
    const before = await cursorNow();
    const deleted = await author.says(room, SECRET);
    await member.says(room, "answered", { replyToId: deleted.id });
    await member.reacts(deleted, "👀");
    await author.edits(deleted, `${SECRET}, edited`);
    const edited = await author.says(room, "former text");
    await member.says(room, "answered too", { replyToId: edited.id });
    await author.edits(edited, "present text");
    await author.deletes(deleted);
    return { before, deleted, edited };
  }

  function expectNothingOld(
    events: readonly MessageEvent[],
    { deleted, edited }: Awaited<ReturnType<typeof story>>,
  ): void {
    expect(events.map(({ __typename }) => __typename)).toEqual([
      "MessageSent",
      "MessageSent",
      "ReactionAdded",
      "MessageEdited",
      "MessageSent",
      "MessageSent",
      "MessageEdited",
      "MessageDeleted",
    ]);
    expect(JSON.stringify(events)).not.toContain(SECRET);
    expect(JSON.stringify(events)).not.toContain("former text");
    const [first, answer] = events;
    expect(first?.message).toMatchObject({ id: deleted.id, body: "" });
    expect(answer?.message?.replyTo).toMatchObject({ id: deleted.id, body: "" });
    expect(events[5]?.message?.replyTo).toMatchObject({ id: edited.id, body: "present text" });
  }

  test("removes the text from replays that read the database", async () => {
    const sent = await story();
    const other = await startServer({ databaseUrl: database.url });
    expectNothingOld(await replay(member.via(other), sent.before, room), sent);
    await other.stop();
  });

  test("removes the text from replays that read memory", async () => {
    const sent = await story();
    // With the rows gone, a replay can only come from memory.
    await database.query(`DELETE FROM "Event"`);
    expectNothingOld(await replay(member, sent.before, room), sent);
  });

  test("again has no effect, for any user", async () => {
    const message = await author.says(room, SECRET);
    const { changed } = await author.deletes(message);
    const stream = await listen(member);
    expect((await author.deletes(message)).changed).toEqual(changed);
    expect((await keeper.deletes(message)).changed).toEqual(changed);
    expect(await codeOf(member, DELETE_MESSAGE, { messageId: message.id })).toBe("NOT_ALLOWED");
    const end = await author.says(room, "the end");
    await stream.next((event) => event.message?.id === end.id);
    expect(stream.all.map(({ __typename }) => __typename)).not.toContain("MessageDeleted");
  });

  test("is final: a deleted message can be neither edited, pinned nor replied to", async () => {
    const message = await author.says(room, SECRET);
    await author.deletes(message);
    const input = { messageId: message.id };
    expect(await codeOf(author, EDIT_MESSAGE, { ...input, body: "back" })).toBe("DELETED");
    expect(await codeOf(owner, PIN_MESSAGE, input)).toBe("DELETED");
    expect(await codeOf(owner, UNPIN_MESSAGE, input)).toBe("DELETED");
    const answer = { conversationId: room.id, body: "what?", replyToId: message.id };
    expect(await member.mutate<SendMessageResult>(SEND_MESSAGE, { input: answer })).toMatchObject({
      __typename: "DeletedError",
      code: "DELETED",
    });
    expect((await conversationOf(room)).lastSeq).toBe(1);
  });

  test("is not reverted by a repeated send", async () => {
    const clientId = crypto.randomUUID();
    const message = await author.says(room, SECRET, { clientId });
    await author.deletes(message);
    expect(await author.says(room, SECRET, { clientId })).toMatchObject({
      id: message.id,
      body: "",
    });
  });

  test("during an edit leaves no text, in either order", async () => {
    for (let turn = 0; turn < 8; turn += 1) {
      const message = await author.says(room, `${SECRET} ${turn}`);
      const edits = ["a", "b", "c"].map((text) =>
        codeOf(author, EDIT_MESSAGE, { messageId: message.id, body: `${SECRET} ${text}` }),
      );
      const [{ changed }, ...codes] = await Promise.all([owner.deletes(message), ...edits]);
      for (const code of codes) expect(["OK", "DELETED"]).toContain(code);
      expect(await messageOf(message)).toMatchObject({ body: "", deletedAt: changed.deletedAt });
      const left = await database.query(`SELECT 1 FROM "MessageEdit" WHERE "messageId" = $1`, [
        uuid(message.id),
      ]);
      expect(left).toEqual([]);
    }
  });

  test("keeps the text out of later events of other messages", async () => {
    const message = await author.says(room, SECRET);
    const answer = await member.says(room, "answered", { replyToId: message.id });
    const stream = await listen(member);
    await inOrder(
      database,
      () => author.deletes(message),
      () => member.reacts(answer, "🎉"),
    );
    const event = await stream.next(({ __typename }) => __typename === "ReactionAdded");
    expect(event.message?.replyTo).toMatchObject({ id: message.id, body: "" });
  });
});

describe("pinning", () => {
  test("shows in the message and in the conversation's list, latest pin first", async () => {
    const [one, two] = [await author.says(room, "one"), await author.says(room, "two")];
    const stream = await listen(member);
    for (const message of [one, two]) {
      const { changed, cursor } = await keeper.pins(message);
      expect(changed.pinnedAt).not.toBeNull();
      expect(await stream.next(({ __typename }) => __typename === "MessagePinned")).toMatchObject({
        cursor,
        message: changed,
        user: { username: "keeper" },
      });
    }
    const pinned = async (by = member): Promise<string[]> =>
      (await conversationOf(room, by)).pinnedMessages.map(({ body }) => body);
    expect(await pinned()).toEqual(["two", "one"]);
    expect(await pinned(stranger)).toEqual(["two", "one"]);
    const { changed } = await owner.unpins(two);
    expect(changed.pinnedAt).toBeNull();
    expect(await stream.next(({ __typename }) => __typename === "MessageUnpinned")).toMatchObject({
      message: { id: two.id, pinnedAt: null },
      user: { username: "owner" },
    });
    expect(await pinned()).toEqual(["one"]);
  });

  test("again, or unpinning an unpinned message, has no effect", async () => {
    const message = await author.says(room, "said");
    const stream = await listen(member);
    await owner.unpins(message);
    const { changed } = await owner.pins(message);
    expect((await keeper.pins(message)).changed).toEqual(changed);
    await owner.unpins(message);
    await owner.unpins(message);
    const end = await author.says(room, "the end");
    await stream.next((event) => event.message?.id === end.id);
    expect(stream.all.map(({ __typename }) => __typename)).toEqual([
      "Ready",
      "MessagePinned",
      "MessageUnpinned",
      "MessageSent",
    ]);
  });

  test("has a limit, also for parallel pins", async () => {
    const messages: ChatMessage[] = [];
    for (let n = 0; n < 54; n += 1) messages.push(await author.says(room, `message ${n}`));
    for (const message of messages.slice(0, 48)) await owner.pins(message);
    const codes = await Promise.all(
      messages.slice(48).map(({ id }) => codeOf(owner, PIN_MESSAGE, { messageId: id })),
    );
    expect(codes.sort()).toEqual([...Array<string>(4).fill("LIMIT_REACHED"), "OK", "OK"]);
    const { pinnedMessages } = await conversationOf(room);
    expect(pinnedMessages).toHaveLength(50);
    const [newest] = pinnedMessages;
    if (newest) await owner.unpins(newest);
    const free = messages.find(({ id }) => pinnedMessages.every((pinned) => pinned.id !== id));
    expect(await codeOf(owner, PIN_MESSAGE, { messageId: free?.id })).toBe("OK");
  });
});
