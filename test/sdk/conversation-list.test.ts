import {
  type ConversationList,
  type ListEvent,
  makeConversationList,
  type OwnMark,
} from "@parley/sdk/state";
import { beforeEach, expect, test } from "vitest";

interface Room {
  id: string;
  name: string;
  createdAt: string;
  memberCount: number;
  lastSeq: number;
  countedMessages: number;
  lastMessage: {
    seq: number;
    kind: "TEXT" | "SYSTEM";
    body: string;
    createdAt: string;
    editedAt?: string;
    deletedAt?: string;
    author: { id: string };
  } | null;
  unreadCount: number;
  viewerMembership: { lastReadSeq: number; markRevision: number } | null;
  viewerMark: OwnMark | null;
}

interface Marks {
  lastReadSeq: number;
  markRevision: number;
}

const ME = "u-me";
const YOU = "u-you";

function at(minute: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
}

/** A server with three tables, which takes snapshots and emits events. */
function makeServer() {
  const rooms = new Map<
    string,
    { members: Map<string, Marks>; messages: NonNullable<Room["lastMessage"]>[] }
  >();
  const events: ListEvent<Room>[] = [];
  let minute = 0;

  function roomOf(id: string) {
    const room = rooms.get(id) ?? { members: new Map<string, Marks>(), messages: [] };
    rooms.set(id, room);
    return room;
  }

  function countUpTo(id: string, seq: number): number {
    const { messages } = roomOf(id);
    return messages.filter((one) => one.seq <= seq && one.kind === "TEXT" && !one.deletedAt).length;
  }

  function shared(
    id: string,
  ): Omit<Room, "lastMessage" | "unreadCount" | "viewerMembership" | "viewerMark"> {
    const { members, messages } = roomOf(id);
    return {
      id,
      name: id,
      createdAt: at(0),
      memberCount: members.size,
      lastSeq: messages.length,
      countedMessages: countUpTo(id, messages.length),
    };
  }

  function markOf(id: string): OwnMark & { conversationId: string } {
    const { members, messages } = roomOf(id);
    const { lastReadSeq, markRevision } = members.get(ME) ?? { lastReadSeq: 0, markRevision: 0 };
    return {
      conversationId: id,
      lastReadSeq,
      readCount: countUpTo(id, lastReadSeq),
      unreadMentionCount: 0,
      revision: markRevision,
      lastSeq: messages.length,
      countedMessages: countUpTo(id, messages.length),
    };
  }

  function say(id: string, userId: string, kind: "TEXT" | "SYSTEM"): void {
    const { members, messages } = roomOf(id);
    minute += 1;
    const seq = messages.length + 1;
    const message = {
      seq,
      kind,
      body: `${id} ${seq}`,
      createdAt: at(minute),
      author: { id: userId },
    };
    messages.push(message);
    const own = members.get(userId);
    if (own !== undefined && kind === "TEXT") members.set(userId, { ...own, lastReadSeq: seq });
    // Non-members receive no events.
    if (members.has(ME)) events.push({ __typename: "MessageSent", conversationId: id, message });
  }

  function fetch(id: string): Room {
    const { members, messages } = roomOf(id);
    const { conversationId: _, ...mark } = markOf(id);
    return {
      ...shared(id),
      lastMessage: messages.at(-1) ?? null,
      unreadCount: mark.countedMessages - mark.readCount,
      viewerMembership: members.get(ME) ?? null,
      viewerMark: mark,
    };
  }

  return {
    events,
    fetch,
    join(id: string, userId: string) {
      const { members, messages } = roomOf(id);
      const marks = { lastReadSeq: messages.length, markRevision: 0 };
      members.set(userId, marks);
      events.push({
        __typename: "MemberJoined",
        conversationId: id,
        conversation: shared(id),
        membership: { ...marks, user: { id: userId } },
      });
    },
    leave(id: string, userId: string) {
      roomOf(id).members.delete(userId);
      events.push({ __typename: "MemberLeft", conversationId: id, user: { id: userId } });
    },
    send: (id: string, userId: string) => say(id, userId, "TEXT"),
    sendSystemMessage: (id: string, userId: string) => say(id, userId, "SYSTEM"),
    delete(id: string, seq: number) {
      const { messages } = roomOf(id);
      const message = messages[seq - 1];
      if (message === undefined) throw new Error("no such message");
      minute += 1;
      const deleted = { ...message, body: "", deletedAt: at(minute) };
      messages[seq - 1] = deleted;
      const { lastSeq, countedMessages } = shared(id);
      events.push({
        __typename: "MessageDeleted",
        conversationId: id,
        message: deleted,
        lastSeq,
        countedMessages,
      });
    },
    edit(id: string, seq: number, body: string) {
      const { messages } = roomOf(id);
      const message = messages[seq - 1];
      if (message === undefined) throw new Error("no such message");
      minute += 1;
      const edited = { ...message, body, editedAt: at(minute) };
      messages[seq - 1] = edited;
      events.push({ __typename: "MessageEdited", conversationId: id, message: edited });
    },
    /** Moves the read mark and returns it, as `ownMarks` sends it. */
    mark(id: string, seq: number) {
      const { members } = roomOf(id);
      const markRevision = (members.get(ME)?.markRevision ?? 0) + 1;
      members.set(ME, { lastReadSeq: seq, markRevision });
      return markOf(id);
    },
    snapshot(): Room[] {
      const activity = (room: Room): string => room.lastMessage?.createdAt ?? room.createdAt;
      return [...rooms.keys()]
        .filter((id) => rooms.get(id)?.members.has(ME))
        .map(fetch)
        .sort((a, b) => activity(b).localeCompare(activity(a)) || (a.id < b.id ? 1 : -1));
    },
  };
}

let server: ReturnType<typeof makeServer>;
let list: ConversationList<Room>;

beforeEach(() => {
  server = makeServer();
  server.join("a", ME);
  server.join("a", YOU);
  server.join("b", YOU);
  server.join("b", ME);
  server.send("a", YOU);
  server.send("b", ME);
  server.send("a", YOU);
  list = makeConversationList({ viewerId: ME });
  list.reset(server.snapshot());
  server.events.length = 0;
});

/**
 * Applies pending events, fetches incomplete conversations, and compares with a fresh snapshot.
 */
function expectFresh(): void {
  for (const event of server.events.splice(0)) list.apply(event);
  for (const id of [...list.incomplete]) list.put(server.fetch(id));
  expect(list.conversations).toMatchObject(server.snapshot());
}

test.for<[string, () => void]>([
  ["another member writes", () => server.send("b", YOU)],
  ["the viewer writes after unread messages", () => server.send("a", ME)],
  ["the last message is edited", () => server.edit("a", 2, "better")],
  ["another message is edited", () => server.edit("a", 1, "better")],
  [
    "a message is sent and edited, and another one is sent",
    () => {
      server.send("b", YOU);
      server.edit("b", 2, "better");
      server.send("a", YOU);
    },
  ],
  ["another member causes a system message", () => server.sendSystemMessage("a", YOU)],
  ["the viewer causes a system message", () => server.sendSystemMessage("a", ME)],
  ["an unread message is deleted", () => server.delete("a", 1)],
  ["the last message is deleted", () => server.delete("a", 2)],
  ["a read message is deleted", () => server.delete("b", 1)],
  [
    "a message is sent and deleted, and the viewer writes",
    () => {
      server.send("a", YOU);
      server.delete("a", 3);
      server.send("a", ME);
      server.delete("a", 1);
    },
  ],
  ["another user joins", () => server.join("a", "u-third")],
  ["another member leaves", () => server.leave("a", YOU)],
  ["the viewer leaves", () => server.leave("a", ME)],
  ["the viewer joins an empty room", () => server.join("c", ME)],
  [
    "the viewer joins a room with messages",
    () => {
      server.join("c", YOU);
      server.send("c", YOU);
      server.send("c", YOU);
      server.events.length = 0;
      server.join("c", ME);
    },
  ],
  [
    "the viewer leaves and joins again",
    () => {
      server.leave("a", ME);
      server.send("a", YOU);
      server.join("a", ME);
      server.send("a", YOU);
    },
  ],
])("snapshot + events equals a fresh snapshot when %s", ([, act]) => {
  act();
  expectFresh();
});

test("markRead updates the unread counts and never moves the read mark back", () => {
  server.send("a", YOU);
  expectFresh();
  expect(list.unread).toEqual({ messages: 3, mentions: 0, conversations: 1 });
  list.markRead("a", 2);
  expect(list.unread).toEqual({ messages: 1, mentions: 0, conversations: 1 });
  list.applyMark(server.mark("a", 2));
  expectFresh();
  expect(list.unread).toEqual({ messages: 1, mentions: 0, conversations: 1 });
  list.markRead("a", 1);
  expect(list.get("a")?.unreadCount).toBe(1);
  list.markRead("a", 99);
  expect(list.get("a")?.viewerMembership?.lastReadSeq).toBe(3);
  expect(list.unread).toEqual({ messages: 0, mentions: 0, conversations: 0 });
});

test("a read mark from another device applies at any time, even if it moves back", () => {
  const early = server.mark("a", 2);
  server.send("a", YOU);
  server.delete("a", 1);
  for (const event of server.events.splice(0)) list.apply(event);
  list.applyMark(early);
  expectFresh();
  expect(list.get("a")?.unreadCount).toBe(1);
  server.send("a", YOU);
  server.delete("a", 3);
  list.applyMark(server.mark("a", 1));
  expectFresh();
  expect(list.get("a")?.unreadCount).toBe(2);
});

test("a read mark older than another mark or than one's own message has no effect", () => {
  const [older, newer] = [server.mark("a", 1), server.mark("a", 2)];
  list.applyMark(newer);
  list.applyMark(older);
  expectFresh();
  const before = server.mark("a", 1);
  server.send("a", ME);
  for (const event of server.events.splice(0)) list.apply(event);
  list.applyMark(before);
  expectFresh();
  expect(list.get("a")?.unreadCount).toBe(0);
});

test("put keeps newer data of events that arrived during the fetch", () => {
  server.join("c", YOU);
  server.send("c", YOU);
  server.events.length = 0;
  server.join("c", ME);
  for (const event of server.events.splice(0)) list.apply(event);
  expect([...list.incomplete]).toEqual(["c"]);
  const slow = server.fetch("c");
  server.send("c", YOU);
  for (const event of server.events.splice(0)) list.apply(event);
  list.put(slow);
  expect(list.get("c")).toMatchObject({ lastSeq: 2, unreadCount: 1, lastMessage: { seq: 2 } });
  expectFresh();
});

test("put keeps an edit of the last message that the fetched conversation lacks", () => {
  const slow = server.fetch("a");
  server.edit("a", 2, "better");
  for (const event of server.events.splice(0)) list.apply(event);
  list.put(slow);
  expect(list.get("a")?.lastMessage?.body).toBe("better");
  expectFresh();
});

test("the list ignores a sent message that a later snapshot already contains", () => {
  server.send("a", YOU);
  server.send("a", YOU);
  list.put(server.fetch("a"));
  const [first] = server.events.splice(0, 1);
  if (first !== undefined) list.apply(first);
  expect(list.get("a")).toEqual(server.fetch("a"));
  expectFresh();
});

test("the list ignores a deletion that a later snapshot already contains", () => {
  server.delete("a", 1);
  list.put(server.fetch("a"));
  expectFresh();
  expect(list.get("a")?.unreadCount).toBe(1);
});

test("put keeps a read mark that the fetched conversation lacks", () => {
  const slow = server.fetch("a");
  list.markRead("a", 1);
  list.put(slow);
  expect(list.get("a")?.unreadCount).toBe(1);
  list.applyMark(server.mark("a", 1));
  list.put(slow);
  expectFresh();
  expect(list.get("a")?.unreadCount).toBe(1);
});

test("the list ignores events of conversations that it does not contain", () => {
  const author = { id: YOU };
  const message = { seq: 1, kind: "TEXT" as const, body: "", createdAt: at(1), author };
  list.apply({ __typename: "MessageSent", conversationId: "z", message });
  list.apply({ __typename: "MemberLeft", conversationId: "z", user: author });
  list.apply({ __typename: "RoomCreated" });
  list.markRead("z", 1);
  expectFresh();
});
