import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { payload } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { MARK_READ, type ChatMessage, type MarkReadResult, type Room } from "../kit/documents.ts";
import {
  MARK_DELIVERED,
  MARK_UNREAD,
  SET_NOTIFICATIONS,
  UNREAD,
  type Audit,
  type MarkDeliveredResult,
  type MarkUnreadResult,
  type SetNotificationsResult,
  type UnreadData,
} from "../kit/receipt-documents.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";

const STATE = /* GraphQL */ `
  query State($id: ID!) {
    node(id: $id) {
      ... on Conversation {
        lastSeq
        countedMessages
        unreadCount
        unreadMentionCount
        viewerMembership {
          id
          lastReadSeq
          lastDeliveredSeq
          notifications {
            level
            mutedUntil
          }
        }
        members {
          edges {
            node {
              user {
                username
              }
              notifications {
                level
              }
            }
          }
        }
      }
    }
  }
`;

interface State {
  lastSeq: number;
  countedMessages: number;
  unreadCount: number;
  unreadMentionCount: number;
  viewerMembership: {
    id: string;
    lastReadSeq: number;
    lastDeliveredSeq: number;
    notifications: { level: string; mutedUntil: string | null } | null;
  } | null;
  members: {
    edges: { node: { user: { username: string }; notifications: { level: string } | null } }[];
  };
}

let server: TestServer;
let database: TestDatabase;
let ada: Actor;
let bob: Actor;
let cyd: Actor;
let room: Room;
let rooms = 0;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url });
  const seed = seedOn(server);
  [ada, bob, cyd] = [seed.user("ada"), seed.user("bob"), seed.user("cyd")];
  await cyd.signsUp();
});

beforeEach(async () => {
  rooms += 1;
  room = await ada.createsRoom(`Receipts ${rooms}`);
  await bob.joins(room);
});

const state = async (person: Actor, there = room): Promise<State> =>
  (await person.query<{ node: State }>(STATE, { id: there.id })).node;

async function say(person: Actor, ...bodies: string[]): Promise<ChatMessage[]> {
  const said: ChatMessage[] = [];
  for (const body of bodies) said.push(await person.says(room, body));
  return said;
}

async function unread(person: Actor): Promise<UnreadData["viewer"]["unread"]> {
  return (await person.query<UnreadData>(UNREAD, { first: 1 })).viewer.unread;
}

/** Reads the unread audit page by page and returns the entry of the room. */
async function auditOf(person: Actor): Promise<Audit> {
  let after: string | null = null;
  for (;;) {
    const data: UnreadData = await person.query<UnreadData>(UNREAD, { first: 2, after });
    const { edges, pageInfo } = data.viewer.unreadAudit;
    const found = edges.find(({ node }) => node.conversationId === room.id);
    if (found !== undefined) return found.node;
    if (!pageInfo.hasNextPage) throw new Error("not audited");
    after = pageInfo.endCursor;
  }
}

const uuidOf = (globalId: string): string => Buffer.from(globalId, "base64").toString().slice(-36);

describe("the unread count", () => {
  test("includes text messages that are not deleted", async () => {
    const [first, second] = await say(ada, "one", "two", "three");
    expect((await state(bob)).unreadCount).toBe(3);
    if (!first || !second) throw new Error("nothing was said");
    await ada.deletes(first);
    expect(await state(bob)).toMatchObject({ lastSeq: 3, countedMessages: 2, unreadCount: 2 });
    // A message that is deleted after it was read does not change the unread count.
    expect(await bob.reads(room, 2)).toBe(1);
    await ada.deletes(second);
    await ada.deletes(second);
    expect(await state(bob)).toMatchObject({ countedMessages: 1, unreadCount: 1 });
    expect(await bob.reads(room, 3)).toBe(0);
    expect(await auditOf(bob)).toMatchObject({ unreadCount: 0, unreadRecount: 0, agrees: true });
  });

  test("is zero for a new member, and after rejoining", async () => {
    const [first] = await say(ada, "one", "two");
    if (!first) throw new Error("nothing was said");
    await ada.deletes(first);
    await cyd.joins(room);
    expect(await state(cyd)).toMatchObject({
      unreadCount: 0,
      viewerMembership: { lastReadSeq: 2, lastDeliveredSeq: 2 },
    });
    await say(ada, "three");
    expect((await state(cyd)).unreadCount).toBe(1);
    await cyd.leaves(room);
    expect((await state(cyd)).unreadCount).toBe(0);
    await say(ada, "four");
    await cyd.joins(room);
    expect((await state(cyd)).unreadCount).toBe(0);
    await say(ada, "five");
    expect((await state(cyd)).unreadCount).toBe(1);
    expect((await auditOf(cyd)).agrees).toBe(true);
    await cyd.leaves(room);
  });

  test("adds up in the viewer's totals, with mentions and a badge", async () => {
    const before = await unread(bob);
    const [, second] = await say(ada, "hey @bob and all in @room", "@room!", "nobody");
    if (!second) throw new Error("nothing was said");
    expect(await unread(bob)).toEqual({
      messages: before.messages + 3,
      mentions: before.mentions + 2,
      conversations: before.conversations + 1,
      badge: before.badge + 3,
    });
    expect(await state(bob)).toMatchObject({ unreadCount: 3, unreadMentionCount: 2 });
    // Authors are not mentioned by their own messages.
    expect(await state(ada)).toMatchObject({ unreadCount: 0, unreadMentionCount: 0 });
    await ada.unreads(room, 1);
    expect(await state(ada)).toMatchObject({ unreadCount: 3, unreadMentionCount: 0 });
    expect((await auditOf(ada)).agrees).toBe(true);
    await bob.reads(room, 1);
    expect(await state(bob)).toMatchObject({ unreadCount: 2, unreadMentionCount: 1 });
    expect(await auditOf(bob)).toEqual({
      conversationId: room.id,
      unreadCount: 2,
      unreadRecount: 2,
      unreadMentionCount: 1,
      unreadMentionRecount: 1,
      agrees: true,
    });
    await ada.deletes(second);
    expect(await state(bob)).toMatchObject({ unreadCount: 1, unreadMentionCount: 0 });
  });

  test("is verified by the audit, which reports a wrong count", async () => {
    await say(ada, "one", "two");
    await database.query(
      `UPDATE "Membership" SET "readCounted" = "readCounted" + 1 WHERE "conversationId" = $1 AND "lastReadSeq" = 0`,
      [uuidOf(room.id)],
    );
    expect(await auditOf(bob)).toMatchObject({ unreadCount: 1, unreadRecount: 2, agrees: false });
  });

  test("costs the same with any number of messages", async () => {
    const conversation = uuidOf(room.id);
    const cost = async (): Promise<number> => {
      const [row] = await database.query<{ "QUERY PLAN": { Plan: Plan }[] }>(
        `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)
         SELECT s.* FROM "Membership" m, mark_states(ARRAY[m."userId"], ARRAY[m."conversationId"]) s
         WHERE m."conversationId" = $1`,
        [conversation],
      );
      const plan = row?.["QUERY PLAN"][0]?.Plan;
      if (plan === undefined) throw new Error("no plan");
      return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
    };
    await say(ada, "one");
    await cost();
    const few = await cost();
    await database.query(
      `INSERT INTO "Message" (id, "conversationId", seq, position, "authorId", body)
       SELECT gen_random_uuid(), $1::uuid, n, 0, (SELECT "userId" FROM "Membership" WHERE "conversationId" = $1::uuid LIMIT 1), 'x'
       FROM generate_series(2, 20000) n`,
      [conversation],
    );
    await database.query(
      `UPDATE "ConversationHead" SET "lastSeq" = 20000, counted = 20000 WHERE "conversationId" = $1`,
      [conversation],
    );
    expect((await state(bob)).unreadCount).toBe(20_000);
    expect(await cost()).toBeLessThan(few + 100);
    // Reading to the end counts nothing, because the count at the end is known.
    expect(await bob.reads(room, 20_000)).toBe(0);
    expect((await auditOf(bob)).agrees).toBe(true);
  });
});

interface Plan {
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
}

describe("marks", () => {
  const delivered = async (person: Actor, seq: number): Promise<MarkDeliveredResult> =>
    person.mutate<MarkDeliveredResult>(MARK_DELIVERED, {
      input: { marks: [{ conversationId: room.id, seq }] },
    });

  test("of read messages also mark them as delivered, but not the reverse", async () => {
    await say(ada, "one", "two", "three");
    await bob.receives(room, 2);
    expect((await state(bob)).viewerMembership).toMatchObject({
      lastReadSeq: 0,
      lastDeliveredSeq: 2,
    });
    await bob.receives(room, 1);
    await bob.reads(room, 1);
    expect((await state(bob)).viewerMembership).toMatchObject({
      lastReadSeq: 1,
      lastDeliveredSeq: 2,
    });
    await bob.reads(room, 3);
    expect((await state(bob)).viewerMembership).toMatchObject({
      lastReadSeq: 3,
      lastDeliveredSeq: 3,
    });
    // One's own messages count as delivered.
    expect((await state(ada)).viewerMembership).toMatchObject({
      lastReadSeq: 3,
      lastDeliveredSeq: 3,
    });
  });

  test("of delivered messages never pass the newest one, and one call moves many of them", async () => {
    const other = await ada.createsRoom(`Other ${rooms}`);
    await bob.joins(other);
    await say(ada, "one");
    await ada.says(other, "two");
    const missing = Buffer.from(`Conversation:${crypto.randomUUID()}`).toString("base64");
    const marks = [
      { conversationId: room.id, seq: 2_147_483_647 },
      { conversationId: other.id, seq: 1 },
      { conversationId: other.id, seq: 0 },
      { conversationId: missing, seq: 1 },
    ];
    const answer = payload(
      await bob.mutate<MarkDeliveredResult>(MARK_DELIVERED, { input: { marks } }),
    );
    expect(
      answer.marks.map(({ conversationId, lastDeliveredSeq }) => [
        conversationId,
        lastDeliveredSeq,
      ]),
    ).toEqual([
      [room.id, 1],
      [other.id, 1],
    ]);
  });

  test("of delivered messages are rejected with the field of the invalid one", async () => {
    const good = { conversationId: room.id, seq: 1 };
    const table: [object[], object][] = [
      [[], { field: "marks", code: "REQUIRED" }],
      [Array.from({ length: 101 }, () => good), { field: "marks", code: "TOO_LONG" }],
      [[{ ...good, seq: -1 }], { field: "marks.0.seq", code: "INVALID_VALUE" }],
      [
        [good, { ...good, conversationId: "lobby" }],
        { field: "marks.1.conversationId", code: "INVALID_ID" },
      ],
    ];
    for (const [marks, problem] of table) {
      expect(await bob.mutate(MARK_DELIVERED, { input: { marks } })).toMatchObject({
        code: "INVALID_INPUT",
        fields: [problem],
      });
    }
  });

  test("move back when a message is marked as unread, and never forward", async () => {
    const [, second] = await say(ada, "one", "two", "three", "four");
    if (!second) throw new Error("nothing was said");
    await bob.reads(room, 4);
    expect(await bob.unreads(room, 3)).toBe(2);
    expect((await state(bob)).viewerMembership).toMatchObject({
      lastReadSeq: 2,
      lastDeliveredSeq: 4,
    });
    expect(await bob.unreads(room, 4)).toBe(2);
    await ada.deletes(second);
    expect(await bob.unreads(room, 1)).toBe(3);
    expect(await bob.reads(room, 2)).toBe(2);
    expect((await auditOf(bob)).agrees).toBe(true);
    await bob.says(room, "and read again");
    expect((await state(bob)).unreadCount).toBe(0);
  });

  test("are for members; invalid input is reported", async () => {
    const hidden = await ada.createsRoom(`Hidden ${rooms}`, { visibility: "PRIVATE" });
    const table: [Actor, Room, number, string][] = [
      [cyd, room, 1, "NOT_A_MEMBER"],
      [cyd, hidden, 1, "NOT_FOUND"],
      [bob, room, -1, "INVALID_INPUT"],
    ];
    for (const [person, there, seq, code] of table) {
      const input = { conversationId: there.id, seq };
      expect(await person.mutate<MarkReadResult>(MARK_READ, { input })).toMatchObject({ code });
      expect(await person.mutate<MarkUnreadResult>(MARK_UNREAD, { input })).toMatchObject({ code });
    }
    const input = { conversationId: room.id, seq: 0 };
    expect(await bob.mutate(MARK_UNREAD, { input })).toMatchObject({ code: "INVALID_INPUT" });
    expect(payload(await delivered(cyd, 1)).marks).toEqual([]);
  });

  test("end at the highest position after parallel moves", async () => {
    const messages = await say(ada, ...Array.from({ length: 40 }, (_, n) => `message ${n}`));
    await Promise.all([
      ...messages.map((message, index) => (index % 2 === 0 ? ada.deletes(message) : null)),
      ...messages.map(({ seq }) => bob.reads(room, seq)),
      ...messages.map(({ seq }) => bob.unreads(room, seq)),
      ...messages.map(({ seq }) => bob.receives(room, seq)),
      ...messages.map((_, index) => (index % 4 === 0 ? bob.says(room, "too") : null)),
    ]);
    for (const person of [ada, bob]) expect((await auditOf(person)).agrees).toBe(true);
    expect((await state(bob)).countedMessages).toBe(30);
  });
});

describe("the receipts of a message", () => {
  const RECEIPTS = /* GraphQL */ `
    query Receipts(
      $id: ID!
      $read: Boolean
      $first: Int
      $after: String
      $last: Int
      $before: String
    ) {
      node(id: $id) {
        ... on Message {
          receipts(read: $read, first: $first, after: $after, last: $last, before: $before) {
            edges {
              cursor
              node {
                read
                membership {
                  user {
                    username
                  }
                }
              }
            }
            pageInfo {
              hasNextPage
              hasPreviousPage
            }
          }
        }
      }
    }
  `;
  interface Receipts {
    node: {
      receipts: {
        edges: {
          cursor: string;
          node: { read: boolean; membership: { user: { username: string } } };
        }[];
        pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean };
      };
    };
  }
  const of = async (
    person: Actor,
    message: ChatMessage,
    variables: Record<string, unknown> = {},
  ): Promise<Receipts["node"]["receipts"]> =>
    (await person.query<Receipts>(RECEIPTS, { id: message.id, ...variables })).node.receipts;
  const names = ({ edges }: Receipts["node"]["receipts"]): string[] =>
    edges.map(
      ({ node }) => `${node.membership.user.username} ${node.read ? "has read" : "has got"} it`,
    );

  test("list the users whom it has reached, except its author and later members", async () => {
    const [dan, eve] = [seedOn(server).user(`dan${rooms}`), seedOn(server).user(`eve${rooms}`)];
    await dan.joins(room);
    const [message] = await say(ada, "hello");
    if (!message) throw new Error("nothing was said");
    expect(names(await of(ada, message))).toEqual([]);
    await eve.joins(room);
    await dan.receives(room, message.seq);
    await bob.reads(room, message.seq);
    expect(names(await of(ada, message))).toEqual(["bob has read it", `dan${rooms} has got it`]);
    expect(names(await of(eve, message, { read: true }))).toEqual(["bob has read it"]);
    await bob.unreads(room, message.seq);
    expect(names(await of(ada, message))).toEqual(["bob has got it", `dan${rooms} has got it`]);
    await dan.leaves(room);
    expect(names(await of(ada, message))).toEqual(["bob has got it"]);
  });

  test("are paged in both directions", async () => {
    const readers = ["p", "q", "r"].map((name) => seedOn(server).user(`${name}${rooms}`));
    for (const reader of readers) await reader.joins(room);
    const [message] = await say(ada, "hello");
    if (!message) throw new Error("nothing was said");
    for (const reader of [bob, ...readers]) await reader.reads(room, message.seq);
    const first = await of(ada, message, { first: 2 });
    expect(names(first)).toEqual(["bob has read it", `p${rooms} has read it`]);
    expect(first.pageInfo.hasNextPage).toBe(true);
    const rest = await of(ada, message, { first: 5, after: first.edges[1]?.cursor });
    expect(names(rest)).toEqual([`q${rooms} has read it`, `r${rooms} has read it`]);
    const last = await of(ada, message, { last: 1, before: rest.edges[1]?.cursor });
    expect(names(last)).toEqual([`q${rooms} has read it`]);
    expect(last.pageInfo.hasPreviousPage).toBe(true);
  });

  test("are visible to members only", async () => {
    const [message] = await say(ada, "hello");
    const { errors } = await (await cyd.client()).send(RECEIPTS, { id: message?.id, read: false });
    expect(errors).toMatchObject([{ extensions: { code: "NOT_A_MEMBER" } }]);
  });
});

describe("notification settings", () => {
  const set = (person: Actor, input: object): Promise<SetNotificationsResult> =>
    person.mutate<SetNotificationsResult>(SET_NOTIFICATIONS, {
      input: { conversationId: room.id, ...input },
    });
  const LATER = "2999-01-01T00:00:00.000Z";

  test("are ALL at first, are stored, and are hidden from others", async () => {
    expect((await state(bob)).viewerMembership?.notifications).toEqual({
      level: "ALL",
      mutedUntil: null,
    });
    const answer = payload(await set(bob, { level: "MENTIONS", mutedUntil: LATER }));
    expect(answer).toMatchObject({
      conversationId: room.id,
      notifications: { level: "MENTIONS", mutedUntil: LATER },
    });
    expect((await state(bob)).viewerMembership?.notifications).toEqual({
      level: "MENTIONS",
      mutedUntil: LATER,
    });
    const seenBy = async (person: Actor): Promise<(string | null)[]> =>
      (await state(person)).members.edges.map(({ node }) => node.notifications?.level ?? null);
    expect(await seenBy(bob)).toEqual([null, "MENTIONS"]);
    expect(await seenBy(ada)).toEqual(["ALL", null]);
    // A past time mutes nothing.
    expect(
      payload(await set(bob, { level: "NOTHING", mutedUntil: "1999-01-01T00:00:00.000Z" }))
        .notifications,
    ).toEqual({ level: "NOTHING", mutedUntil: null });
  });

  test("affect the badge only", async () => {
    const before = await unread(bob);
    await say(ada, "hey @bob", "two", "three");
    const badge = async (settings: object): Promise<number> => {
      payload(await set(bob, settings));
      const now = await unread(bob);
      expect(now.messages).toBe(before.messages + 3);
      return now.badge - before.badge;
    };
    expect(await badge({ level: "ALL" })).toBe(3);
    expect(await badge({ level: "MENTIONS" })).toBe(1);
    expect(await badge({ level: "NOTHING" })).toBe(0);
    expect(await badge({ level: "ALL", mutedUntil: LATER })).toBe(0);
    expect(await badge({ level: "ALL" })).toBe(3);
  });

  test("send one event to one's own devices only", async () => {
    const listeners = [await bob.listens(), await ada.listens()];
    const cursor = payload(await set(bob, { level: "NOTHING" })).cursor;
    expect(payload(await set(bob, { level: "NOTHING" })).cursor).toBe(cursor);
    await ada.says(room, "bell");
    for (const listener of listeners)
      await listener.next(({ __typename }) => __typename === "MessageSent");
    const received = listeners.map((listener) =>
      listener.all.map(({ __typename }) => __typename).filter((name) => name !== "Ready"),
    );
    expect(received).toEqual([["NotificationsChanged", "MessageSent"], ["MessageSent"]]);
    for (const listener of listeners) await listener.close();
  });

  test("are for members; invalid input is reported", async () => {
    const hidden = await ada.createsRoom(`Secret ${rooms}`, { visibility: "PRIVATE" });
    expect(await set(cyd, { level: "ALL" })).toMatchObject({ code: "NOT_A_MEMBER" });
    expect(await set(cyd, { level: "ALL", conversationId: hidden.id })).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await set(bob, { level: "ALL", mutedUntil: "9999-12-31T23:59:59.000Z" })).toMatchObject({
      code: "INVALID_INPUT",
      fields: [{ field: "mutedUntil", code: "INVALID_VALUE" }],
    });
  });
});
