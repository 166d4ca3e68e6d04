import { beforeEach, expect, test } from "vitest";
import type { LogEvent } from "../../server/log/event.ts";
import { makeRecent, type Recent } from "../../server/log/recent.ts";
import type { MessageRecord } from "../../server/log/records.ts";
import { eventAt } from "./memory-log.ts";

const author = {
  id: "author",
  username: "ada",
  usernameKey: "ada",
  displayName: "Ada",
  createdAt: new Date(0),
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
    threadRootId: null,
    threadRoot: null,
    thread: null,
    replyTo: null,
    ...change,
  };
}

let recent: Recent;
let position: number;

beforeEach(() => {
  recent = makeRecent(4);
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
    payload: { message: shown, lastSeq: 1, counted: 1 },
    position,
    at: new Date(position),
  } as LogEvent;
  recent.add(event);
  return event;
}

const messages = (): (MessageRecord | null)[] =>
  (recent.after(0) ?? []).map(({ payload }) => ("message" in payload ? payload.message : null));

test.for(["MESSAGE_EDITED", "MESSAGE_DELETED"] as const)(
  "%s leaves the former text in no event, neither as the message nor as what another answers",
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
    // A replay that is under way keeps what it holds, and all else is untouched.
    expect(held.payload).toEqual({ message: first });
    expect(recent.after(2)?.[0]).toBe(other);
  },
);

test("events keep their type, place and time when their message changes", () => {
  add("MESSAGE_SENT", message("1", "secret"));
  add("MESSAGE_DELETED", message("1", ""));
  expect(recent.after(0)?.map(({ type, position: at }) => [type, at])).toEqual([
    ["MESSAGE_SENT", 1],
    ["MESSAGE_DELETED", 2],
  ]);
});

test("it holds between once and twice its size, and says where it begins", () => {
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
