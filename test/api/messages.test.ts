import { randomUUID } from "node:crypto";
import pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { client, payload } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import {
  MARK_READ,
  SEND_MESSAGE,
  type ChatMessage,
  type MarkReadResult,
  type Room,
  type SendMessageResult,
  type TypedError,
} from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer } from "../kit/server.ts";

const HISTORY = /* GraphQL */ `
  query History($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $around: ID) {
    node(id: $id) {
      ... on Conversation {
        messages(first: $first, after: $after, last: $last, before: $before, around: $around) {
          pageInfo {
            hasNextPage
            hasPreviousPage
            startCursor
            endCursor
          }
          edges {
            cursor
            node {
              id
              seq
              body
            }
          }
        }
      }
    }
  }
`;
const STATE = /* GraphQL */ `
  query State($id: ID!) {
    viewer {
      unread {
        messages
        conversations
      }
    }
    node(id: $id) {
      ... on Conversation {
        lastSeq
        unreadCount
        lastMessage {
          seq
          body
          author {
            username
          }
        }
        viewerMembership {
          lastReadSeq
        }
      }
    }
  }
`;

interface Page {
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
  edges: { cursor: string; node: { id: string; seq: number; body: string } }[];
}
interface State {
  viewer: { unread: { messages: number; conversations: number } };
  node: {
    lastSeq: number;
    unreadCount: number;
    lastMessage: { seq: number; body: string; author: { username: string } } | null;
    viewerMembership: { lastReadSeq: number } | null;
  };
}

let database: TestDatabase;
let url: string;
let seed: Seed;
let ada: Actor;
let bob: Actor;
let cyd: Actor;
/** A public room of Ada and Bob with 25 messages of Ada's. */
let room: Room;
let messages: ChatMessage[];

beforeAll(async () => {
  database = await createDatabase();
  ({ url } = await startServer({ databaseUrl: database.url, env: { PAGE_SIZE_MAX: "60" } }));
  seed = seedOn(url);
  [ada, bob, cyd] = [seed.user("ada"), seed.user("bob"), seed.user("cyd")];
  room = await ada.createsRoom("History");
  await bob.joins(room);
  messages = [];
  for (let i = 1; i <= 25; i += 1) messages.push(await ada.says(room, `message ${i}`));
});

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

async function history(slice: object, who = bob, where = room): Promise<Page> {
  const { node } = await who.query<{ node: { messages: Page } }>(HISTORY, {
    id: where.id,
    ...slice,
  });
  return node.messages;
}

const stateFor = (who: Actor, where: { id: string } = room): Promise<State> =>
  who.query<State>(STATE, { id: where.id });
const send = (who: Actor, input: object): Promise<SendMessageResult> =>
  who.mutate<SendMessageResult>(SEND_MESSAGE, { input });
const read = (who: Actor, where: { id: string }, seq: number): Promise<MarkReadResult> =>
  who.mutate<MarkReadResult>(MARK_READ, { input: { conversationId: where.id, seq } });

describe("history", () => {
  const cursorOf = async (seq: number): Promise<string> => {
    const { edges } = await history({ first: 60 });
    return edges.find(({ node }) => node.seq === seq)?.cursor ?? "";
  };

  interface Case {
    name: string;
    slice: { first?: number; last?: number };
    after?: number;
    before?: number;
    seqs: [number, number];
    previous: boolean;
    next: boolean;
  }
  test.for<Case>([
    {
      name: "contains all messages if first exceeds their number",
      slice: { first: 60 },
      seqs: [1, 25],
      previous: false,
      next: false,
    },
    {
      name: "without arguments contains all messages of a short room",
      slice: {},
      seqs: [1, 25],
      previous: false,
      next: false,
    },
    {
      name: "starts with the oldest messages",
      slice: { first: 10 },
      seqs: [1, 10],
      previous: false,
      next: true,
    },
    {
      name: "has no next page if first is the number of messages",
      slice: { first: 25 },
      seqs: [1, 25],
      previous: false,
      next: false,
    },
    {
      name: "ends with the newest messages",
      slice: { last: 10 },
      seqs: [16, 25],
      previous: true,
      next: false,
    },
    {
      name: "has no previous page if last is the number of messages",
      slice: { last: 25 },
      seqs: [1, 25],
      previous: false,
      next: false,
    },
    {
      name: "continues after a cursor",
      slice: { first: 10 },
      after: 10,
      seqs: [11, 20],
      previous: true,
      next: true,
    },
    {
      name: "after a cursor ends early at the newest message",
      slice: { first: 10 },
      after: 20,
      seqs: [21, 25],
      previous: true,
      next: false,
    },
    {
      name: "after a cursor has no next page if it ends with the newest message",
      slice: { first: 5 },
      after: 20,
      seqs: [21, 25],
      previous: true,
      next: false,
    },
    {
      name: "continues before a cursor",
      slice: { last: 10 },
      before: 16,
      seqs: [6, 15],
      previous: true,
      next: true,
    },
    {
      name: "before a cursor ends early at the oldest message",
      slice: { last: 10 },
      before: 6,
      seqs: [1, 5],
      previous: false,
      next: true,
    },
    {
      name: "before a cursor has no previous page if it begins with the oldest message",
      slice: { last: 5 },
      before: 6,
      seqs: [1, 5],
      previous: false,
      next: true,
    },
    {
      name: "contains a single message before the second one",
      slice: { last: 1 },
      before: 2,
      seqs: [1, 1],
      previous: false,
      next: true,
    },
  ])("$name", async ({ slice, after, before, seqs, previous, next }) => {
    const { edges, pageInfo } = await history({
      ...slice,
      ...(after === undefined ? {} : { after: await cursorOf(after) }),
      ...(before === undefined ? {} : { before: await cursorOf(before) }),
    });
    expect(edges.map(({ node }) => node.seq)).toEqual(range(...seqs));
    expect(edges.map(({ node }) => node.body)).toEqual(range(...seqs).map((n) => `message ${n}`));
    expect(pageInfo).toEqual({
      hasPreviousPage: previous,
      hasNextPage: next,
      startCursor: edges[0]?.cursor,
      endCursor: edges.at(-1)?.cursor,
    });
  });

  test("between two cursors contains the messages between them", async () => {
    const [after, before] = [await cursorOf(5), await cursorOf(9)];
    const { edges } = await history({ first: 10, after, before });
    expect(edges.map(({ node }) => node.seq)).toEqual([6, 7, 8]);
    const upward = await history({ last: 2, after, before });
    expect(upward.edges.map(({ node }) => node.seq)).toEqual([7, 8]);
  });

  test("beyond the ends is empty", async () => {
    const newer = await history({ first: 10, after: await cursorOf(25) });
    expect(newer.edges).toEqual([]);
    expect(newer.pageInfo).toMatchObject({
      hasNextPage: false,
      startCursor: null,
      endCursor: null,
    });
    const older = await history({ last: 10, before: await cursorOf(1) });
    expect(older.edges).toEqual([]);
    expect(older.pageInfo).toMatchObject({ hasPreviousPage: false });
    const none = await ada.createsRoom("Silence");
    expect(await history({ last: 10 }, bob, none)).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test.for([
    { middle: 13, first: 5, seqs: [11, 15], previous: true, next: true },
    { middle: 13, first: 4, seqs: [12, 15], previous: true, next: true },
    { middle: 13, first: 1, seqs: [13, 13], previous: true, next: true },
    { middle: 2, first: 9, seqs: [1, 6], previous: false, next: true },
    { middle: 1, first: 3, seqs: [1, 2], previous: false, next: true },
    { middle: 25, first: 3, seqs: [24, 25], previous: true, next: false },
    { middle: 13, first: undefined, seqs: [1, 25], previous: false, next: false },
  ] as const)(
    "around message $middle, $first long",
    async ({ middle, first, seqs: [from, to], previous, next }) => {
      const { edges, pageInfo } = await history({ around: messages[middle - 1]?.id, first });
      expect(edges.map(({ node }) => node.seq)).toEqual(range(from, to));
      expect(pageInfo).toEqual({
        hasPreviousPage: previous,
        hasNextPage: next,
        startCursor: edges[0]?.cursor,
        endCursor: edges.at(-1)?.cursor,
      });
      // Its cursors are those of the same list.
      if (next) {
        const { edges: rest } = await history({ first: 1, after: pageInfo.endCursor });
        expect(rest.map(({ node }) => node.seq)).toEqual([to + 1]);
      }
    },
  );

  test.for<[string, () => object | Promise<object>, string]>([
    ["a message of another room", async () => ({ around: (await elsewhere()).id }), "NOT_FOUND"],
    ["the id of a room", () => ({ around: room.id }), "INVALID_INPUT"],
    ["an invalid cursor", () => ({ first: 3, after: "nonsense" }), "BAD_USER_INPUT"],
    ["a cursor without a number", () => ({ first: 3, after: listCursor("x") }), "BAD_USER_INPUT"],
    ["a cursor of another list", () => ({ first: 3, after: listCursor(1, "x") }), "BAD_USER_INPUT"],
  ])("with %s is rejected", async ([, slice, code]) => {
    const { errors } = await (
      await bob.client()
    ).send(HISTORY, { id: room.id, ...(await slice()) });
    expect(errors).toMatchObject([{ extensions: { code } }]);
  });

  test.for([{ first: -1 }, { last: -1 }])("with %j is a client error", async (slice) => {
    const { errors } = await (await bob.client()).send(HISTORY, { id: room.id, ...slice });
    expect(errors).toHaveLength(1);
    expect(errors[0]?.extensions?.code).not.toBe("INTERNAL_SERVER_ERROR");
    expect(errors[0]?.message).toMatch(/first|last/);
  });

  test("of a public room is readable before joining", async () => {
    expect((await history({ last: 1 }, cyd)).edges.map(({ node }) => node.seq)).toEqual([25]);
  });
});

const listCursor = (...parts: unknown[]): string =>
  Buffer.from(JSON.stringify(parts)).toString("base64url");

async function elsewhere(): Promise<ChatMessage> {
  return ada.says(await ada.createsRoom(`Elsewhere ${randomUUID()}`), "over here");
}

describe("sending", () => {
  test("returns the message as later reads do", async () => {
    const there = await ada.createsRoom("Sending");
    const clientId = randomUUID();
    const sent = await ada.says(there, "  Hello,\r\nworld  ", { clientId });
    expect(sent).toMatchObject({
      conversationId: there.id,
      seq: 1,
      body: "  Hello,\r\nworld  ",
      clientId,
      author: { username: "ada" },
      replyTo: null,
    });
    const found = await bob.query(
      `query($id: ID!) { node(id: $id) { ... on Message {
         id conversationId seq body clientId createdAt author { id username } replyTo { id } } } }`,
      { id: sent.id },
    );
    expect(found).toEqual({ node: sent });
  });

  test("numbers messages without gaps, also in parallel", async () => {
    const there = await ada.createsRoom("Crowd");
    const senders = [ada, bob, cyd];
    await Promise.all([bob.joins(there), cyd.joins(there)]);
    const sent = await Promise.all(
      senders.flatMap((sender) => range(1, 50).map((n) => sender.says(there, `${n}`))),
    );
    expect(sent.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(range(1, 150));
    const stored = [
      ...(await history({ first: 60 }, bob, there)).edges,
      ...(await history({ first: 60, after: listCursor(60) }, bob, there)).edges,
      ...(await history({ first: 60, after: listCursor(120) }, bob, there)).edges,
    ];
    expect(stored.map(({ node }) => node.seq)).toEqual(range(1, 150));
    const bySeq = new Map(sent.map((message) => [message.seq, message.id]));
    expect(stored.map(({ node }) => node.id)).toEqual(range(1, 150).map((seq) => bySeq.get(seq)));
    const places = await database.query<{ gaps: number }>(
      `SELECT count(*)::int AS gaps FROM (
         SELECT position - lag(position) OVER (ORDER BY position) AS step FROM "Event"
       ) steps WHERE step <> 1`,
    );
    expect(places).toEqual([{ gaps: 0 }]);
  });

  test("in sequence keeps the order of one sender", async () => {
    const there = await ada.createsRoom("Order");
    const first = await ada.says(there, "first");
    const second = await ada.says(there, "second");
    expect([first.seq, second.seq]).toEqual([1, 2]);
    expect(Date.parse(second.createdAt)).toBeGreaterThanOrEqual(Date.parse(first.createdAt));
  });

  test.for([
    ["one character", "x"],
    ["a text of the maximum length", "m".repeat(8_000)],
    ["emoji of many code points", "🏴‍☠️👩🏽‍🚀🇺🇳"],
    ["right-to-left text", "שלום \u202bمرحبا\u202c"],
    ["combining marks without normalizing them", "e\u0301 \u00e9 Å \u212b"],
    ["control characters", "tab\t bell\u0007 esc\u001b[31m"],
    ["markup and code of other formats", `</script><b>'"; DROP TABLE "Message"; -- \${x} {{y}}`],
    ["line ends of every kind", "a\nb\r\nc\rd\u2028e\u2029f"],
  ] as const)("keeps %s", async ([, body]) => {
    const sent = await ada.says(room, body);
    expect(sent.body).toBe(body);
    const { edges } = await history({ last: 1 });
    expect(edges[0]?.node).toMatchObject({ id: sent.id, body });
  });

  test.for([
    ["an empty text", "", "REQUIRED"],
    ["whitespace", " \n\t\u3000", "REQUIRED"],
    ["one character too many", "m".repeat(8_001), "TOO_LONG"],
    ["a NUL", "a\u0000b", "INVALID_FORMAT"],
    ["half a character", "a\ud83e", "INVALID_FORMAT"],
  ] as const)("rejects %s", async ([, body, code]) => {
    const before = (await stateFor(ada)).node.lastSeq;
    expect(await send(ada, { conversationId: room.id, body })).toMatchObject({
      __typename: "InvalidInputError",
      code: "INVALID_INPUT",
      fields: [{ field: "body", code }],
    });
    expect((await stateFor(ada)).node.lastSeq).toBe(before);
  });

  test("has its limit in server.limits", async () => {
    const query = "{ server { limits { messageLength pageSize } } }";
    expect(await ada.query(query)).toEqual({
      server: { limits: { messageLength: 8_000, pageSize: 60 } },
    });
  });

  test("is for members", async () => {
    expect(await send(cyd, { conversationId: room.id, body: "hi" })).toMatchObject({
      __typename: "NotAMemberError",
      code: "NOT_A_MEMBER",
    });
    const there = await ada.createsRoom("Once a member");
    await cyd.joins(there);
    await cyd.says(there, "hi");
    await cyd.leaves(there);
    expect(await send(cyd, { conversationId: there.id, body: "still here?" })).toMatchObject({
      __typename: "NotAMemberError",
    });
  });

  test("to a conversation that does not exist returns NOT_FOUND", async () => {
    const conversationId = Buffer.from(`Conversation:${randomUUID()}`).toString("base64");
    expect(await send(ada, { conversationId, body: "hi" })).toMatchObject({
      __typename: "NotFoundError",
      code: "NOT_FOUND",
    });
  });
});

describe("replying", () => {
  test("shows the replied-to message, one level deep", async () => {
    const there = await ada.createsRoom("Replies");
    const first = await ada.says(there, "question");
    const second = await ada.says(there, "answer", { replyToId: first.id });
    const third = await ada.says(there, "thanks", { replyToId: second.id });
    expect(third.replyTo).toEqual({ id: second.id });
    const found = await bob.query(
      `query($id: ID!) { node(id: $id) { ... on Message {
         replyTo { id seq body author { username } replyTo { id } } } } }`,
      { id: third.id },
    );
    expect(found).toEqual({
      node: {
        replyTo: {
          id: second.id,
          seq: 2,
          body: "answer",
          author: { username: "ada" },
          replyTo: null,
        },
      },
    });
  });

  test("to a message in another conversation, or to none, returns NOT_FOUND", async () => {
    const other = await elsewhere();
    const nowhere = Buffer.from(`Message:${randomUUID()}`).toString("base64");
    const input = { conversationId: room.id, body: "re:" };
    const first = await send(ada, { ...input, replyToId: other.id });
    expect(first).toMatchObject({ __typename: "NotFoundError", code: "NOT_FOUND" });
    expect(await send(ada, { ...input, replyToId: nowhere })).toEqual(first);
  });
});

describe("the same clientId", () => {
  test("returns the first message, even with a different text", async () => {
    const there = await ada.createsRoom("Again");
    const clientId = randomUUID();
    const first = await ada.says(there, "once", { clientId });
    expect(await ada.says(there, "once", { clientId })).toEqual(first);
    expect(await ada.says(there, "something else", { clientId })).toEqual(first);
    expect(await ada.says(there, "once", { clientId: clientId.toUpperCase() })).toEqual(first);
    expect((await stateFor(ada, there)).node.lastSeq).toBe(1);
  });

  test("returns the cursor of the first message, and its reply", async () => {
    const there = await ada.createsRoom("Again with cursor");
    const { id } = await ada.says(there, "question");
    const input = { conversationId: there.id, body: "re", clientId: randomUUID(), replyToId: id };
    const first = payload(await send(ada, input));
    await ada.says(there, "in between");
    expect(payload(await send(ada, input))).toEqual(first);
  });

  test("in parallel creates one message", async () => {
    const there = await ada.createsRoom("At once");
    const clientId = randomUUID();
    const sent = await Promise.all(range(1, 20).map((n) => ada.says(there, `${n}`, { clientId })));
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
    expect((await stateFor(ada, there)).node.lastSeq).toBe(1);
  });

  test("from another user creates a different message", async () => {
    const there = await ada.createsRoom("Not mine");
    await bob.joins(there);
    const clientId = randomUUID();
    const [mine, theirs] = await Promise.all([
      ada.says(there, "mine", { clientId }),
      bob.says(there, "theirs", { clientId }),
    ]);
    expect(mine.id).not.toBe(theirs.id);
    expect((await stateFor(ada, there)).node.lastSeq).toBe(2);
  });

  test("in another spelling returns the first message", async () => {
    const { errors } = await (
      await ada.client()
    ).send(SEND_MESSAGE, { input: { conversationId: room.id, body: "x", clientId: "one" } });
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toContain("This is not a UUID");
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });
});

describe("unread counts", () => {
  test("include others' messages until they are read", async () => {
    const there = await ada.createsRoom("Unread");
    await bob.joins(there);
    const before = (await stateFor(bob, there)).viewer.unread;
    for (const body of ["one", "two", "three"]) await ada.says(there, body);
    const after = await stateFor(bob, there);
    expect(after.node).toMatchObject({ lastSeq: 3, unreadCount: 3 });
    expect(after.viewer.unread).toEqual({
      messages: before.messages + 3,
      conversations: before.conversations + 1,
    });
    expect((await stateFor(ada, there)).node.unreadCount).toBe(0);
    expect((await stateFor(cyd, there)).node).toMatchObject({
      unreadCount: 0,
      viewerMembership: null,
    });
    expect(await bob.reads(there, 2)).toBe(1);
    expect((await stateFor(bob, there)).viewer.unread.messages).toBe(before.messages + 1);
    expect(await bob.reads(there, 3)).toBe(0);
    expect((await stateFor(bob, there)).viewer.unread).toEqual(before);
  });

  test("follow a read mark that moves neither back nor past the last message", async () => {
    const there = await ada.createsRoom("Marks");
    await bob.joins(there);
    for (const body of ["one", "two", "three"]) await ada.says(there, body);
    const markAfter = async (seq: number): Promise<number> =>
      payload(await read(bob, there, seq)).membership.lastReadSeq;
    expect(await markAfter(0)).toBe(0);
    expect(await markAfter(2)).toBe(2);
    expect(await markAfter(1)).toBe(2);
    expect(await markAfter(2_147_483_647)).toBe(3);
    expect(await markAfter(0)).toBe(3);
    await ada.says(there, "four");
    expect((await stateFor(bob, there)).node.unreadCount).toBe(1);
    await Promise.all([4, 1, 3, 2].map((seq) => read(bob, there, seq)));
    expect((await stateFor(bob, there)).node).toMatchObject({
      unreadCount: 0,
      viewerMembership: { lastReadSeq: 4 },
    });
  });

  test("exclude messages before one's own last message, and before joining", async () => {
    const there = await ada.createsRoom("Own");
    await ada.says(there, "before");
    await bob.joins(there);
    expect((await stateFor(bob, there)).node.unreadCount).toBe(0);
    await ada.says(there, "after");
    expect((await stateFor(bob, there)).node.unreadCount).toBe(1);
    await bob.says(there, "bob answers, so bob has read");
    expect((await stateFor(bob, there)).node).toMatchObject({
      unreadCount: 0,
      viewerMembership: { lastReadSeq: 3 },
    });
  });

  test("can be changed by members only, with a valid sequence number", async () => {
    expect(await read(cyd, room, 1)).toMatchObject({ __typename: "NotAMemberError" });
    expect(await read(bob, room, -1)).toMatchObject({
      __typename: "InvalidInputError",
      fields: [{ field: "seq", code: "INVALID_VALUE" }],
    });
  });
});

describe("the last message", () => {
  test("is the newest, and null if there is none", async () => {
    const there = await ada.createsRoom("Last");
    expect((await stateFor(bob, there)).node.lastMessage).toBeNull();
    await ada.says(there, "one");
    await ada.says(there, "two");
    expect((await stateFor(bob, there)).node.lastMessage).toEqual({
      seq: 2,
      body: "two",
      author: { username: "ada" },
    });
  });

  test("moves its conversation to the top of the list", async () => {
    const query = `{ viewer { conversations(first: 2) { edges { node { id } } } } }`;
    const top = async (): Promise<string[]> =>
      (
        await ada.query<{ viewer: { conversations: { edges: { node: { id: string } }[] } } }>(query)
      ).viewer.conversations.edges.map(({ node }) => node.id);
    const [one, two] = [await ada.createsRoom("Top one"), await ada.createsRoom("Top two")];
    await ada.says(one, "here");
    await ada.says(two, "there");
    expect(await top()).toEqual([two.id, one.id]);
    await ada.says(one, "here again");
    expect(await top()).toEqual([one.id, two.id]);
  });
});

describe("nodes by id", () => {
  test("are in the order of the ids, with null for missing and hidden ones", async () => {
    const hidden = await ada.createsRoom("Hidden", { visibility: "PRIVATE" });
    const whisper = await ada.says(hidden, "psst");
    const { user, session } = await ada.signsUp();
    const theirs = await bob.signsUp();
    const ids = [
      messages[0]?.id,
      "nonsense",
      hidden.id,
      whisper.id,
      room.id,
      Buffer.from(`Message:${randomUUID()}`).toString("base64"),
      Buffer.from(`Event:${randomUUID()}`).toString("base64"),
      session.id,
      theirs.session.id,
      user.id,
      messages[0]?.id,
    ];
    const kinds = async (who: Actor): Promise<(string | null)[]> =>
      (
        await who.query<{ nodes: ({ __typename: string } | null)[] }>(
          `query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }`,
          { ids },
        )
      ).nodes.map((node) => node?.__typename ?? null);
    const [message, chat] = ["Message", "Room"];
    const ends = ["User", message];
    expect(await kinds(ada)).toEqual([
      message,
      null,
      chat,
      message,
      chat,
      null,
      null,
      "Session",
      null,
      ...ends,
    ]);
    expect(await kinds(bob)).toEqual([
      message,
      null,
      null,
      null,
      chat,
      null,
      null,
      null,
      "Session",
      ...ends,
    ]);
  });

  test("are limited to a hundred", async () => {
    const ids = Array.from({ length: 101 }, () => room.id);
    const answer = await (
      await ada.client()
    ).send(`query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, { ids });
    expect(answer.errors).toMatchObject([{ extensions: { code: "INVALID_INPUT" } }]);
  });
});

describe("messages beyond the queue limit", () => {
  test("are rejected, and the accepted ones are stored when the database responds again", async () => {
    const busy = await startServer({ databaseUrl: database.url, env: { APPEND_QUEUE: "3" } });
    const there = await ada.createsRoom("Busy");
    const sender = client(busy).as((await ada.signsUp()).token);
    // A lock on the head of the log blocks every writer.
    const holder = new pg.Client({ connectionString: database.url });
    onRelease(() => holder.end());
    await holder.connect();
    await holder.query(`BEGIN; SELECT 1 FROM "LogHead" FOR UPDATE`);
    const attempts = range(1, 12).map((n) =>
      sender.mutate<SendMessageResult>(SEND_MESSAGE, {
        input: { conversationId: there.id, body: `${n}`, clientId: randomUUID() },
      }),
    );
    const refused: TypedError[] = [];
    for (const attempt of attempts) {
      void attempt.then((result) => {
        if ("code" in result) refused.push(result);
      });
    }
    await eventually(() => expect(refused.length).toBeGreaterThan(0));
    await holder.query("ROLLBACK");
    const results = await Promise.all(attempts);
    for (const error of refused) {
      expect(error).toMatchObject({ __typename: "OverloadedError", code: "OVERLOADED" });
    }
    const stored = results.length - refused.length;
    expect(stored).toBeGreaterThanOrEqual(4);
    expect((await stateFor(ada, there)).node.lastSeq).toBe(stored);
  });
});
