import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import {
  SEND_MESSAGE,
  type ChatMessage,
  type Room,
  type SendMessageResult,
} from "../kit/documents.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { startServer } from "../kit/server.ts";
import type { Subscription } from "../kit/socket.ts";
import {
  FOLLOW_THREAD,
  THREADED_MESSAGES,
  UNFOLLOW_THREAD,
  WRITING_EVENTS,
  type FollowPayload,
  type ThreadedForViewer,
  type WritingEvent,
} from "../kit/writing-documents.ts";
import type { TypedError } from "../kit/documents.ts";
import { inOrder } from "./head-holder.ts";

let database: TestDatabase;
let ada: Actor;
let bob: Actor;
let eve: Actor;
let stranger: Actor;
let room: Room;
let root: ChatMessage;
let rooms = 0;

beforeAll(async () => {
  database = await createDatabase();
  const seed = seedOn(await startServer({ databaseUrl: database.url }));
  [ada, bob, eve, stranger] = ["ada", "bob", "eve", "stranger"].map((name) => seed.user(name)) as [
    Actor,
    Actor,
    Actor,
    Actor,
  ];
  await stranger.signsUp();
});

beforeEach(async () => {
  rooms += 1;
  room = await ada.createsRoom(`Room ${rooms}`);
  for (const person of [bob, eve]) await person.joins(room);
  root = await ada.says(room, "the beginning");
});

async function messageOf(id: string, who = ada): Promise<ThreadedForViewer> {
  const { nodes } = await who.query<{ nodes: ThreadedForViewer[] }>(THREADED_MESSAGES, {
    ids: [id],
  });
  if (!nodes[0]) throw new Error("the message cannot be seen");
  return nodes[0];
}

async function sendCode(who: Actor, input: Record<string, unknown>): Promise<string> {
  const body = { conversationId: room.id, body: "reply", ...input };
  const answer = await who.mutate<SendMessageResult>(SEND_MESSAGE, { input: body });
  return "code" in answer ? answer.code : "OK";
}

async function followCode(who: Actor, document: string, threadRootId: string): Promise<string> {
  const answer = await who.mutate<FollowPayload | TypedError>(document, {
    input: { threadRootId },
  });
  return "code" in answer ? answer.code : "OK";
}

async function listen(who: Actor): Promise<Subscription<WritingEvent>> {
  const stream = await (await who.client()).subscribe<WritingEvent>({ query: WRITING_EVENTS });
  await stream.next(({ __typename }) => __typename === "Ready");
  return stream;
}

interface Page {
  edges: { cursor: string; node: { id: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean };
}

const PAGE = `edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage }`;
const ARGS = `(first: $first, after: $after, last: $last, before: $before)`;
const VARIABLES = `$first: Int, $after: String, $last: Int, $before: String`;

const REPLIES = `query($id: ID!, ${VARIABLES}) { node(id: $id) { ... on Message { list: threadReplies${ARGS} { ${PAGE} } } } }`;
const THREADS = `query($id: ID!, ${VARIABLES}) { node(id: $id) { ... on Conversation { list: threads${ARGS} { ${PAGE} } } } }`;
const FOLLOWED = `query(${VARIABLES}) { viewer { list: threads${ARGS} { ${PAGE} } } }`;

async function listOf(
  who: Actor,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Page> {
  const answer = await who.query<Record<string, { list: Page }>>(query, {
    first: 50,
    ...variables,
  });
  const [holder] = Object.values(answer);
  if (!holder) throw new Error("nothing was answered");
  return holder.list;
}

const idsOf = (page: Page): string[] => page.edges.map(({ node }) => node.id);

describe("replies in a thread", () => {
  test("are counted on the root message, and sent with it", async () => {
    const stream = await listen(eve);
    const reply = await bob.says(room, "one", { threadRootId: root.id });
    await eve.says(room, "two", { threadRootId: root.id });
    const third = await bob.says(room, "three", { threadRootId: root.id });
    const now = await messageOf(root.id);
    expect(now).toMatchObject({
      threadRootId: null,
      threadRoot: null,
      thread: {
        replyCount: 3,
        lastReplyAt: third.createdAt,
        lastRepliers: [{ username: "bob" }, { username: "eve" }],
      },
    });
    expect(await messageOf(reply.id)).toMatchObject({
      seq: 2,
      threadRootId: root.id,
      thread: null,
      threadRoot: { id: root.id, body: "the beginning", thread: now.thread },
    });
    const event = await stream.next(({ message }) => message?.id === third.id);
    expect(event.message?.threadRoot?.thread).toEqual(now.thread);
    const first = stream.all.find(({ message }) => message?.id === reply.id);
    expect(first?.message?.threadRoot?.thread?.replyCount).toBeGreaterThanOrEqual(1);
  });

  test("are numbered in the order of the conversation, and may reply to any message in it", async () => {
    const aside = await bob.says(room, "aside");
    const reply = await eve.says(room, "reply", { threadRootId: root.id, replyToId: aside.id });
    expect([root.seq, aside.seq, reply.seq]).toEqual([1, 2, 3]);
    expect(reply.replyTo).toEqual({ id: aside.id });
  });

  test("are rejected where no thread is possible", async () => {
    const elsewhere = await bob.says(await bob.createsRoom(`Elsewhere ${rooms}`), "elsewhere");
    const reply = await bob.says(room, "reply", { threadRootId: root.id });
    const removed = await bob.says(room, "removed");
    await bob.deletes(removed);
    const missing = Buffer.from(`Message:${crypto.randomUUID()}`).toString("base64");
    expect(await sendCode(bob, { threadRootId: elsewhere.id })).toBe("NOT_FOUND");
    expect(await sendCode(bob, { threadRootId: reply.id })).toBe("NOT_FOUND");
    expect(await sendCode(bob, { threadRootId: missing })).toBe("NOT_FOUND");
    expect(await sendCode(bob, { threadRootId: removed.id })).toBe("DELETED");
    expect(await sendCode(stranger, { threadRootId: root.id })).toBe("NOT_A_MEMBER");
    expect((await messageOf(root.id)).thread?.replyCount).toBe(1);
  });

  test("sent repeatedly with the same clientId count once", async () => {
    const clientId = crypto.randomUUID();
    await Promise.all(
      [1, 2, 3].map(() => bob.says(room, "once", { clientId, threadRootId: root.id })),
    );
    expect((await messageOf(root.id)).thread?.replyCount).toBe(1);
  });

  test("of many users in parallel are all counted, even while some are deleted", async () => {
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 === 0 ? bob : eve).says(room, `reply ${n}`, { threadRootId: root.id }),
      ),
    );
    await Promise.all([
      ...replies.slice(0, 8).map((reply) => ada.deletes(reply)),
      ...[1, 2, 3].map((n) => bob.says(room, `more ${n}`, { threadRootId: root.id })),
    ]);
    const { thread } = await messageOf(root.id);
    const [counted] = await database.query<{ count: number; last: Date }>(
      `SELECT count(*)::int AS count, max("createdAt") AS last FROM "Message"
       WHERE "threadRootId" = $1 AND "deletedAt" IS NULL`,
      [Buffer.from(root.id, "base64").toString().split(":")[1]],
    );
    expect(thread?.replyCount).toBe(15);
    expect(thread).toMatchObject({
      replyCount: counted?.count,
      lastReplyAt: counted?.last.toISOString(),
    });
  });

  test("that are deleted no longer count, as their event shows", async () => {
    const first = await bob.says(room, "first", { threadRootId: root.id });
    const last = await eve.says(room, "last", { threadRootId: root.id });
    const stream = await listen(bob);
    await eve.deletes(last);
    const { message } = await stream.next(({ __typename }) => __typename === "MessageDeleted");
    const left = {
      replyCount: 1,
      lastReplyAt: first.createdAt,
      lastRepliers: [{ username: "bob" }],
    };
    expect(message).toMatchObject({ id: last.id, body: "", threadRoot: { thread: left } });
    expect((await messageOf(root.id)).thread).toEqual(left);
    await bob.deletes(first);
    await bob.deletes(first);
    expect((await messageOf(root.id)).thread).toBeNull();
    await bob.says(room, "again", { threadRootId: root.id });
    expect((await messageOf(root.id)).thread?.replyCount).toBe(1);
  });

  test("stay after the root message is deleted, and more may follow", async () => {
    await bob.says(room, "reply", { threadRootId: root.id });
    await ada.deletes(root);
    await eve.says(room, "still talking", { threadRootId: root.id });
    const now = await messageOf(root.id);
    expect(now.deletedAt).not.toBeNull();
    expect(now.thread?.replyCount).toBe(2);
    expect(idsOf(await listOf(ada, REPLIES, { id: root.id }))).toHaveLength(2);
  });

  test("are rejected if the root message is deleted meanwhile", async () => {
    const [, code] = await inOrder(
      database,
      () => ada.deletes(root),
      () => sendCode(bob, { threadRootId: root.id }),
    );
    expect(code).toBe("DELETED");
    expect((await messageOf(root.id)).thread).toBeNull();
  });
});

describe("lists of threads", () => {
  test("of replies are paged in both directions, including deleted ones", async () => {
    const replies: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      replies.push((await bob.says(room, `reply ${n}`, { threadRootId: root.id })).id);
    }
    await ada.deletes({ id: replies[1] ?? "" });
    const id = root.id;
    const start = await listOf(eve, REPLIES, { id, first: 2 });
    expect(idsOf(start)).toEqual(replies.slice(0, 2));
    expect(start.pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: false });
    const after = start.edges.at(-1)?.cursor;
    expect(idsOf(await listOf(eve, REPLIES, { id, first: 2, after }))).toEqual(replies.slice(2, 4));
    const end = await listOf(eve, REPLIES, { id, first: null, last: 2 });
    expect(idsOf(end)).toEqual(replies.slice(3));
    const before = end.edges[0]?.cursor;
    expect(idsOf(await listOf(eve, REPLIES, { id, first: null, last: 2, before }))).toEqual(
      replies.slice(1, 3),
    );
  });

  test("of a conversation are sorted by last reply", async () => {
    const others = [await bob.says(room, "two"), await bob.says(room, "three")];
    const all = [root, ...others];
    await bob.says(room, "in no thread");
    for (const { id } of [...all, root]) await eve.says(room, "reply", { threadRootId: id });
    const expected = [root.id, others[1]?.id, others[0]?.id];
    const id = room.id;
    expect(idsOf(await listOf(bob, THREADS, { id }))).toEqual(expected);
    const first = await listOf(bob, THREADS, { id, first: 1 });
    const after = first.edges[0]?.cursor;
    expect(idsOf(await listOf(bob, THREADS, { id, first: 1, after }))).toEqual([expected[1]]);
    const end = await listOf(bob, THREADS, { id, first: null, last: 1 });
    expect(idsOf(end)).toEqual([expected[2]]);
    const before = end.edges[0]?.cursor;
    expect(idsOf(await listOf(bob, THREADS, { id, first: null, last: 5, before }))).toEqual(
      expected.slice(0, 2),
    );
  });

  test("are hidden with the conversation", async () => {
    const hidden = await ada.createsRoom(`Hidden ${rooms}`, { visibility: "PRIVATE" });
    const secret = await ada.says(hidden, "secret");
    await ada.says(hidden, "reply", { threadRootId: secret.id });
    for (const id of [secret.id, hidden.id]) {
      const { node } = await stranger.query<{ node: unknown }>(
        id === secret.id ? REPLIES : THREADS,
        {
          id,
        },
      );
      expect(node).toBeNull();
    }
  });
});

describe("following a thread", () => {
  const followedBy = async (who: Actor): Promise<string[]> => idsOf(await listOf(who, FOLLOWED));
  const follows = async (who: Actor): Promise<boolean> =>
    (await messageOf(root.id, who)).viewerFollowsThread;

  test("starts with one's own message and one's own reply", async () => {
    expect([await follows(ada), await follows(bob)]).toEqual([true, false]);
    expect(await followedBy(ada)).not.toContain(root.id);
    const reply = await bob.says(room, "reply", { threadRootId: root.id });
    for (const person of [ada, bob]) {
      expect(await follows(person)).toBe(true);
      expect(await followedBy(person)).toContain(root.id);
      expect((await messageOf(reply.id, person)).viewerFollowsThread).toBe(true);
    }
    expect(await follows(eve)).toBe(false);
    expect(await followedBy(eve)).not.toContain(root.id);
  });

  test("can be started and ended, with events to one's own devices only", async () => {
    await bob.says(room, "reply", { threadRootId: root.id });
    const [own, others] = [await listen(eve), await listen(bob)];
    const { threadRoot } = await eve.followsThread(root);
    expect(threadRoot).toEqual({ id: root.id, viewerFollowsThread: true });
    await eve.followsThread(root);
    expect(await followedBy(eve)).toContain(root.id);
    await eve.unfollowsThread(root);
    await eve.unfollowsThread(root);
    expect(await followedBy(eve)).not.toContain(root.id);
    const end = await ada.says(room, "the end");
    for (const stream of [own, others]) await stream.next(({ message }) => message?.id === end.id);
    const followChangesOf = (stream: Subscription<WritingEvent>): unknown[] =>
      stream.all
        .filter(({ __typename }) => __typename === "ThreadFollowChanged")
        .map(({ rootId, following }) => [rootId, following]);
    expect(followChangesOf(own)).toEqual([
      [root.id, true],
      [root.id, false],
    ]);
    expect(followChangesOf(others)).toEqual([]);
  });

  test("stays ended until the next reply", async () => {
    await bob.says(room, "reply", { threadRootId: root.id });
    for (const person of [ada, bob]) await person.unfollowsThread(root);
    await eve.says(room, "another", { threadRootId: root.id });
    expect([await follows(ada), await follows(bob), await follows(eve)]).toEqual([
      false,
      false,
      true,
    ]);
    await bob.says(room, "one more thing", { threadRootId: root.id });
    expect([await follows(ada), await follows(bob)]).toEqual([false, true]);
  });

  test("can be ended before the first reply", async () => {
    await ada.unfollowsThread(root);
    await bob.says(room, "reply", { threadRootId: root.id });
    expect(await follows(ada)).toBe(false);
    expect(await followedBy(ada)).not.toContain(root.id);
  });

  test("lists only threads that the viewer may currently see", async () => {
    await bob.says(room, "reply", { threadRootId: root.id });
    await bob.leaves(room);
    expect(await followedBy(bob)).not.toContain(root.id);
    await bob.joins(room);
    expect(await followedBy(bob)).toContain(root.id);
  });

  test("is for members, and for messages that can start a thread", async () => {
    const reply = await bob.says(room, "reply", { threadRootId: root.id });
    const removed = await bob.says(room, "removed");
    await bob.deletes(removed);
    const hidden = await ada.createsRoom(`Secret ${rooms}`, { visibility: "PRIVATE" });
    const secret = await ada.says(hidden, "secret");
    const missing = Buffer.from(`Message:${crypto.randomUUID()}`).toString("base64");
    for (const document of [FOLLOW_THREAD, UNFOLLOW_THREAD]) {
      expect(await followCode(stranger, document, root.id)).toBe("NOT_A_MEMBER");
      expect(await followCode(stranger, document, secret.id)).toBe("NOT_FOUND");
      expect(await followCode(bob, document, reply.id)).toBe("NOT_FOUND");
      expect(await followCode(bob, document, missing)).toBe("NOT_FOUND");
    }
    expect(await followCode(eve, FOLLOW_THREAD, removed.id)).toBe("DELETED");
    expect(await followCode(eve, UNFOLLOW_THREAD, removed.id)).toBe("OK");
  });

  test("is rejected for a user who leaves while it waits for its lock", async () => {
    const [, code] = await inOrder(
      database,
      () => eve.leaves(room),
      () => followCode(eve, FOLLOW_THREAD, root.id),
    );
    expect(code).toBe("NOT_A_MEMBER");
  });
});
