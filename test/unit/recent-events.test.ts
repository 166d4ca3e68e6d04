import { beforeEach, expect, test } from "vitest";
import { messageEvents } from "../../server/domain/message/message.events.ts";
import { postEvents } from "../../server/domain/post/post.events.ts";
import { roomEvents } from "../../server/domain/room/room.events.ts";
import { sessionEvents } from "../../server/domain/session/session.events.ts";
import { userEvents } from "../../server/domain/user/user.events.ts";
import { EventDefinitions } from "../../server/log/define-event.ts";
import type { LogEvent } from "../../server/log/event.ts";
import { makeRecentEvents, type RecentEvents } from "../../server/log/recent-events.ts";
import type { MessageRecord } from "../../server/domain/message/message.record.ts";
import { eventAt } from "./memory-log.ts";

const author = {
  id: "author",
  username: "ada",
  usernameKey: "ada",
  displayName: "Ada",
  createdAt: new Date(0),
  avatarId: null,
  statusText: null,
  changedAt: null,
};

function message(id: string, body: string, change: Partial<MessageRecord> = {}): MessageRecord {
  return {
    id,
    conversationId: "room",
    seq: 1,
    author,
    clientId: null,
    body,
    createdAt: new Date(0),
    editedAt: null,
    deletedAt: null,
    pinnedAt: null,
    reactions: [],
    kind: "TEXT",
    system: null,
    mentions: [],
    attachments: [],
    threadRootId: null,
    threadRoot: null,
    thread: null,
    replyTo: null,
    ...change,
  };
}

const definitions = new EventDefinitions([
  ...messageEvents,
  ...postEvents,
  ...roomEvents,
  ...sessionEvents,
  ...userEvents,
]);

let recent: RecentEvents;
let position: number;

beforeEach(() => {
  recent = makeRecentEvents(4, definitions);
  recent.restart(0);
  position = 0;
});

function add(
  type: "MESSAGE_SENT" | "MESSAGE_EDITED" | "MESSAGE_DELETED",
  shown: MessageRecord,
): LogEvent {
  position += 1;
  const event = {
    type,
    topic: "room",
    payload: {
      message: shown,
      ...(type === "MESSAGE_DELETED" ? { lastSeq: 1, counted: 1 } : {}),
    },
    position,
    at: new Date(position),
  } as LogEvent;
  recent.add(event);
  return event;
}

const messages = (): unknown[] =>
  (recent.after(0) ?? []).map(({ payload }) => ("message" in payload ? payload.message : null));

test.for(["MESSAGE_EDITED", "MESSAGE_DELETED"] as const)(
  "%s removes the former text from every event, both as the message and as the replied-to message",
  (type) => {
    const first = message("1", "secret");
    const held = add("MESSAGE_SENT", first);
    add("MESSAGE_SENT", message("2", "answer", { replyTo: first }));
    const other = add("MESSAGE_SENT", message("3", "other"));
    const changed = message("1", "", { deletedAt: new Date(9), replyTo: message("0", "earlier") });
    add(type, changed);
    expect(messages()).toEqual([
      changed,
      message("2", "answer", { replyTo: { ...changed, replyTo: null } }),
      message("3", "other"),
      changed,
    ]);
    // A running replay keeps its own copy, and all other events stay unchanged.
    expect(held.payload).toMatchObject({ message: first });
    expect(recent.after(2)?.[0]).toBe(other);
  },
);

test("events in memory keep type, position and time when their message changes", () => {
  add("MESSAGE_SENT", message("1", "secret"));
  add("MESSAGE_DELETED", message("1", ""));
  expect(recent.after(0)?.map(({ type, position: at }) => [type, at])).toEqual([
    ["MESSAGE_SENT", 1],
    ["MESSAGE_DELETED", 2],
  ]);
});

test("a deleted post is removed from every event in memory, and other posts stay", () => {
  const publish = (id: string, at: number): void => {
    const post = { id, author, clientId: id, body: `text of ${id}`, createdAt: new Date(0) };
    recent.add({
      type: "POST_PUBLISHED",
      topic: "feed",
      payload: { post },
      position: at,
      at: new Date(at),
    });
  };
  publish("1", 1);
  publish("2", 2);
  recent.add({
    type: "POST_DELETED",
    topic: "feed",
    payload: { postId: "1", author },
    position: 3,
    at: new Date(3),
  });
  expect(recent.after(0)?.map(({ type, position: at }) => [type, at])).toEqual([
    ["POST_PUBLISHED", 2],
    ["POST_DELETED", 3],
  ]);
  expect(JSON.stringify(recent.after(0))).not.toContain("text of 1");
});

test("memory holds at most twice its size, and returns null for a replay from before its oldest event", () => {
  for (let at = 1; at <= 9; at += 1) {
    recent.add(eventAt(at));
    recent.trim();
  }
  expect(recent.after(4)).toBeNull();
  expect(recent.after(5)?.map((event) => event.position)).toEqual([6, 7, 8, 9]);
  recent.restart(20);
  expect(recent.after(19)).toBeNull();
  expect(recent.after(20)).toEqual([]);
});

test("events read from the database before a message changed are not added to memory", () => {
  recent.restart(5);
  position = 5;
  const older = [eventAt(4), eventAt(5)];
  const { revision } = recent;
  const sent = add("MESSAGE_SENT", message("1", "mine"));
  recent.prepend(older, 3, revision);
  expect(recent.after(3)).toEqual([...older, sent]);
  const before = recent.revision;
  add("MESSAGE_DELETED", { ...message("0", ""), deletedAt: new Date(0) });
  recent.prepend([eventAt(3)], 2, before);
  expect(recent.after(2)).toBeNull();
  expect(recent.from).toBe(3);
});

test("after a user's deletion, earlier events leave memory, and later ones stay", () => {
  add("MESSAGE_SENT", message("1", "mine"));
  add("MESSAGE_SENT", message("2", "mine, too"));
  position += 1;
  const deleted: LogEvent = {
    type: "USER_DELETED",
    topic: "everyone",
    payload: { user: author },
    position,
    at: new Date(position),
  };
  recent.add(deleted);
  const next = add("MESSAGE_SENT", message("3", "somebody else's"));
  // Events outside memory are read from the database, where the name is gone.
  expect(recent.after(0)).toBeNull();
  expect(recent.after(1)).toBeNull();
  expect(recent.after(2)).toEqual([deleted, next]);
  expect(recent.after(3)).toEqual([next]);
});
