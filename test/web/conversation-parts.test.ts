import { describe, expect, it } from "vitest";
import { coalesce } from "../../web/src/app/coalesce.ts";
import type { LiveEvent } from "../../web/src/connection/context.tsx";
import { applyToMembers, sortMembers } from "../../web/src/conversation/members.ts";
import type { Member } from "../../web/src/conversation/members.ts";
import { toMessageView } from "../../web/src/conversation/message-view.ts";
import { sendItem } from "../../web/src/conversation/send.ts";
import type { StoredMessage } from "../../web/src/conversation/room-source.ts";
import { ownRoom } from "../../web/src/rooms/own-rooms.ts";
import { NetworkError, RequestError, TypedError } from "@parley/sdk";
import type { OutboxItem } from "@parley/sdk/state";
import { makeErrorResult, makeResult } from "@urql/core";
import type { Client, Operation } from "@urql/core";

const person = (name: string) => ({ id: name, username: name, displayName: name });
const me = person("me");

const item: OutboxItem = {
  clientId: "client-1",
  conversationId: "room",
  body: "hello",
  order: 1_800_000_000_000,
  state: "queued",
  attempts: 0,
};

const stored: StoredMessage = {
  id: "id-1",
  conversationId: "room",
  seq: 4,
  kind: "TEXT",
  author: person("ada"),
  body: "hello",
  system: null,
  attachments: [],
  clientId: null,
  createdAt: "2026-03-07T12:00:00.000Z",
  editedAt: null,
  deletedAt: null,
};

describe("toMessageView", () => {
  const pending = (change: Partial<OutboxItem>) =>
    toMessageView({ kind: "pending", key: "client-1", pending: { ...item, ...change } }, me);

  it("converts a stored message and marks the viewer's own", () => {
    const entry = { kind: "message", key: "id-1", message: stored } as const;
    expect(toMessageView(entry, me)).toMatchObject({ seq: 4, own: false, state: "stored" });
    expect(toMessageView(entry, person("ada")).own).toBe(true);
  });

  it("marks edited and deleted messages", () => {
    const shown = (change: { editedAt?: string; deletedAt?: string }) =>
      toMessageView({ kind: "message", key: "id-1", message: { ...stored, ...change } }, me);
    expect(shown({})).toMatchObject({ edited: false, deleted: false });
    expect(shown({ editedAt: stored.createdAt })).toMatchObject({ edited: true, deleted: false });
    expect(shown({ deletedAt: stored.createdAt }).deleted).toBe(true);
  });

  it("converts system messages to notes and lists attachments", () => {
    const shown = (change: object) =>
      toMessageView({ kind: "message", key: "id-1", message: { ...stored, ...change } }, me);
    expect(shown({}).note).toBeUndefined();
    const system = { type: "ROLE_CHANGED", value: "MODERATOR", target: person("bo") };
    expect(shown({ kind: "SYSTEM", body: "", system }).note).toEqual({
      kind: "text",
      text: "ada made bo a moderator",
    });
    const joined = { type: "MEMBER_JOINED", value: null, target: null };
    expect(shown({ kind: "SYSTEM", body: "", system: joined }).note).toEqual({
      kind: "joined",
      name: "ada",
    });
    const attachments = [{ id: "a", name: "plan.txt", url: "/files/a" }];
    expect(shown({ body: "", attachments }).files).toEqual(attachments);
  });

  it("reports whether an unsent message is sending, waiting or failed", () => {
    expect(pending({})).toMatchObject({ author: me, own: true, seq: undefined, state: "sending" });
    expect(pending({ state: "sending" }).state).toBe("sending");
    expect(pending({ attempts: 1 }).state).toBe("waiting");
    const error = { code: "NOT_A_MEMBER", message: "You are no member." };
    expect(pending({ state: "failed", attempts: 1, error })).toMatchObject({
      state: "failed",
      problem: "You are no member.",
    });
  });
});

describe("sendItem", () => {
  const client = (answer: object): Pick<Client, "mutation"> => {
    const toPromise = async () =>
      answer instanceof Error
        ? makeErrorResult({} as Operation, answer)
        : makeResult({} as Operation, { ...answer, hasNext: false });
    return { mutation: () => ({ toPromise }) } as unknown as Client;
  };

  it("returns the stored message", async () => {
    const data = { sendMessage: { __typename: "SendMessagePayload", sentMessage: stored } };
    expect(await sendItem(client({ data }), item)).toEqual(stored);
  });

  it.each([
    ["a network failure", new TypeError("fetch failed"), NetworkError, true],
    [
      "an overloaded server",
      {
        data: {
          sendMessage: {
            __typename: "OverloadedError",
            code: "OVERLOADED",
            message: "Busy.",
            retryAfterMs: 50,
          },
        },
      },
      TypedError,
      true,
    ],
    [
      "a typed error",
      {
        data: {
          sendMessage: { __typename: "NotAMemberError", code: "NOT_A_MEMBER", message: "No." },
        },
      },
      TypedError,
      false,
    ],
    [
      "a server bug",
      { errors: [{ message: "Unexpected", extensions: { code: "INTERNAL_SERVER_ERROR" } }] },
      RequestError,
      true,
    ],
  ])("reports whether a retry may help after %s", async (_, answer, type, retryable) => {
    const error = await sendItem(client(answer), item).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ retryable });
  });
});

describe("the members of a room", () => {
  const member = (name: string, role: Member["role"] = "MEMBER"): Member => ({
    id: `m-${name}`,
    role,
    user: person(name),
  });
  const frame = { cursor: "c", at: "2026-03-07T12:00:00.000Z", conversationId: "room" };
  const conversation = {
    __typename: "Room" as const,
    id: "room",
    createdAt: frame.at,
    lastSeq: 0,
    countedMessages: 0,
    slug: "room",
    name: "Room",
    topic: null,
    memberCount: 3,
  };
  const joined = (name: string): LiveEvent => ({
    __typename: "MemberJoined",
    ...frame,
    conversation,
    membership: { ...member(name), lastReadSeq: 0, markRevision: 0 },
  });
  const left: LiveEvent = { __typename: "MemberLeft", ...frame, user: person("bo") };

  it("applies joins and leaves without duplicates", () => {
    const ada = [member("ada")];
    const both = applyToMembers(ada, "room", joined("bo"));
    expect(both.map(({ user }) => user.id)).toEqual(["ada", "bo"]);
    expect(applyToMembers(both, "room", joined("bo"))).toHaveLength(2);
    expect(applyToMembers(both, "room", left)).toEqual(ada);
    expect(applyToMembers(ada, "room", left)).toBe(ada);
    expect(applyToMembers(both, "elsewhere", left)).toBe(both);
  });

  it("sorts by role, then by name", () => {
    const members = [
      member("zoe"),
      member("bo"),
      member("yan", "OWNER"),
      member("cy", "MODERATOR"),
    ];
    expect(sortMembers(members).map(({ user }) => user.id)).toEqual(["yan", "cy", "bo", "zoe"]);
  });
});

describe("ownRoom", () => {
  const room = {
    id: "room",
    slug: "garden",
    name: "Garden",
    topic: null,
    memberCount: 2,
    createdAt: stored.createdAt,
    lastSeq: 4,
    countedMessages: 4,
    lastMessage: stored,
    unreadCount: 1,
    viewerMembership: { id: "m", role: "MEMBER", lastReadSeq: 3, markRevision: 1 },
    viewerMark: {
      conversationId: "room",
      lastReadSeq: 3,
      readCount: 3,
      unreadMentionCount: 0,
      revision: 1,
      lastSeq: 4,
      countedMessages: 4,
    },
  } as const;

  it("previews the newest message and marks the viewer's own", () => {
    expect(ownRoom(room, "ada").lastMessage).toMatchObject({ own: true, author: "ada" });
    expect(ownRoom(room, "bo")).toMatchObject({ unread: 1, lastMessage: { own: false } });
    const deleted = { ...stored, body: "", deletedAt: stored.createdAt };
    const attachments = [{ id: "a", name: "plan.txt", url: "/files/a" }];
    const file = { ...stored, body: "", attachments };
    expect(ownRoom({ ...room, lastMessage: file }, "bo").lastMessage).toMatchObject({
      author: "ada",
      body: "plan.txt",
    });
    const system = { type: "MEMBER_JOINED", value: null, target: null } as const;
    const note = { ...stored, kind: "SYSTEM", body: "", system } as const;
    expect(ownRoom({ ...room, lastMessage: note }, "bo").lastMessage).toMatchObject({
      author: undefined,
      body: "ada joined",
    });
    expect(ownRoom({ ...room, lastMessage: deleted }, "bo").lastMessage?.body).toBe(
      "Message deleted",
    );
    expect(ownRoom({ ...room, lastMessage: null }, "bo").lastMessage).toBeUndefined();
  });
});

describe("coalesce", () => {
  it("runs once per burst", () => {
    const scheduled: (() => void)[] = [];
    let runs = 0;
    const call = coalesce(
      () => (runs += 1),
      (run) => scheduled.push(run),
    );
    call();
    call();
    expect([scheduled.length, runs]).toEqual([1, 0]);
    scheduled[0]?.();
    expect(runs).toBe(1);
    call();
    scheduled[1]?.();
    expect(runs).toBe(2);
  });
});
