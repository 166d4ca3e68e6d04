import { describe, expect, it, vi } from "vitest";
import type { LiveEvent } from "../../web/src/connection/context.tsx";
import type {
  Result,
  MessagePage,
  RoomInfo,
  RoomSource,
  StoredMessage,
} from "../../web/src/conversation/room-source.ts";
import { makeRoomStore } from "../../web/src/conversation/room-store.ts";
import type { RoomStore } from "../../web/src/conversation/room-store.ts";
import { eventually } from "../kit/eventually.ts";

const ROOM = "room-1";
const PAGE = 5;

const user = (name: string) => ({ id: name, username: name, displayName: name });

function message(seq: number, author = "ada"): StoredMessage {
  return {
    id: `id-${seq}`,
    conversationId: ROOM,
    seq,
    kind: "TEXT",
    author: user(author),
    body: `message ${seq}`,
    system: null,
    attachments: [],
    clientId: null,
    createdAt: new Date(1_800_000_000_000 + seq).toISOString(),
    editedAt: null,
    deletedAt: null,
  };
}

const frame = { cursor: "c", at: "2026-03-07T12:00:00.000Z", conversationId: ROOM };

const sent = (seq: number): LiveEvent => ({
  __typename: "MessageSent",
  ...frame,
  message: message(seq),
});

const joined = (name: string, memberCount: number): LiveEvent => ({
  __typename: "MemberJoined",
  ...frame,
  conversation: {
    __typename: "Room",
    id: ROOM,
    createdAt: frame.at,
    lastSeq: 0,
    countedMessages: 0,
    slug: "garden",
    name: "Garden",
    topic: null,
    memberCount,
  },
  membership: {
    id: `m-${name}`,
    role: "MEMBER",
    lastReadSeq: 0,
    markRevision: 0,
    user: user(name),
  },
});

const left = (name: string): LiveEvent => ({
  __typename: "MemberLeft",
  ...frame,
  user: user(name),
});

/** A server with one room and messages 1 to `last`. It responds when the test lets it. */
class Server implements RoomSource {
  last: number;
  exists = true;
  member = true;
  away = false;
  asked = 0;
  /** Responses wait for this promise. */
  gate: Promise<void> = Promise.resolve();

  constructor(last: number) {
    this.last = last;
  }

  async room(): Promise<Result<{ info: RoomInfo; page: MessagePage } | undefined>> {
    this.asked += 1;
    const page = this.#page(this.last);
    await this.gate;
    if (this.away) return { kind: "problem", problem: "Away." };
    if (!this.exists) return { kind: "ok", value: undefined };
    const info: RoomInfo = {
      id: ROOM,
      slug: "garden",
      name: "Garden",
      topic: null,
      memberCount: 2,
      lastSeq: this.last,
      viewerMembership: this.member ? { id: "m", role: "MEMBER", lastReadSeq: 0 } : null,
    };
    return { kind: "ok", value: { info, page } };
  }

  async older(_: string, before: string): Promise<Result<MessagePage>> {
    if (this.away) return { kind: "problem", problem: "Away." };
    return { kind: "ok", value: this.#page(Number(before) - 1) };
  }

  #page(last: number): MessagePage {
    const first = Math.max(1, last - PAGE + 1);
    const messages = Array.from({ length: last - first + 1 }, (_, index) => message(first + index));
    return { messages, hasPreviousPage: first > 1, startCursor: String(first) };
  }
}

function open(server: Server): RoomStore {
  return makeRoomStore({ source: server, viewerId: "me", onChange: () => undefined });
}

const seqs = (store: RoomStore): number[] =>
  store.entries().flatMap((entry) => (entry.kind === "message" ? [entry.message.seq] : []));

describe("makeRoomStore", () => {
  it("shows the newest page and later messages", async () => {
    const store = open(new Server(20));
    expect(store.view().kind).toBe("loading");
    await store.load();
    store.apply(sent(21));
    expect(seqs(store)).toEqual([16, 17, 18, 19, 20, 21]);
    expect(store.newest()).toBe(21);
  });

  it("applies changes to loaded messages only", async () => {
    const store = open(new Server(20));
    await store.load();
    const change = (seq: number, fields: Partial<StoredMessage>): LiveEvent => ({
      __typename: "MessageEdited",
      ...frame,
      message: { ...message(seq), ...fields },
    });
    store.apply(change(18, { body: "better", editedAt: frame.at }));
    store.apply(change(3, { body: "", deletedAt: frame.at }));
    expect(seqs(store)).toEqual([16, 17, 18, 19, 20]);
    expect(store.entries()[2]).toMatchObject({ message: { body: "better", editedAt: frame.at } });
  });

  it("merges events that arrive during the load, without loss or duplicates", async () => {
    const server = new Server(3);
    let release: () => void = () => undefined;
    server.gate = new Promise((resolve) => (release = resolve));
    const store = open(server);
    const loading = store.load();
    store.apply(sent(3));
    store.apply(sent(4));
    store.apply(joined("bo", 3));
    release();
    await loading;
    expect(seqs(store)).toEqual([1, 2, 3, 4]);
    expect(store.view()).toMatchObject({ info: { memberCount: 3 } });
  });

  it("loads older pages down to the first message", async () => {
    const store = open(new Server(12));
    await store.load();
    expect(store.hasOlder()).toBe(true);
    await store.loadOlder();
    await store.loadOlder();
    expect(seqs(store)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect(store.hasOlder()).toBe(false);
  });

  it("reports a failed older page and loads it on retry", async () => {
    const server = new Server(8);
    const store = open(server);
    await store.load();
    server.away = true;
    await store.loadOlder();
    expect(store.older()).toEqual({ loading: false, problem: "Away." });
    server.away = false;
    await store.loadOlder();
    expect(store.older().problem).toBeUndefined();
    expect(seqs(store)).toHaveLength(8);
  });

  it("starts over after missing more than a page, and can load older pages again", async () => {
    const server = new Server(4);
    const store = open(server);
    await store.load();
    server.last = 30;
    await store.load();
    expect(seqs(store)).toEqual([26, 27, 28, 29, 30]);
    await store.loadOlder();
    expect(seqs(store)[0]).toBe(21);
  });

  it("keeps the loaded messages if a reload fails", async () => {
    const server = new Server(2);
    const store = open(server);
    await store.load();
    server.away = true;
    await store.load();
    expect(store.view().kind).toBe("ready");
    expect(seqs(store)).toEqual([1, 2]);
  });

  it("distinguishes a missing room from a failed load", async () => {
    const server = new Server(0);
    server.away = true;
    const store = open(server);
    await store.load();
    expect(store.view()).toEqual({ kind: "problem", problem: "Away." });
    server.away = false;
    server.exists = false;
    await store.load();
    expect(store.view()).toEqual({ kind: "missing" });
  });

  it("updates the member count on joins and leaves", async () => {
    const store = open(new Server(7));
    await store.load();
    store.apply(joined("bo", 3));
    expect(store.view()).toMatchObject({ info: { memberCount: 3 } });
    store.apply(left("bo"));
    expect(store.view()).toMatchObject({ info: { memberCount: 2 } });
  });

  it("ignores events of other conversations", async () => {
    const store = open(new Server(1));
    await store.load();
    store.apply({ ...sent(2), conversationId: "another" } as LiveEvent);
    expect(seqs(store)).toEqual([1]);
  });

  it("updates the membership when the viewer joins or leaves on another device", async () => {
    const server = new Server(1);
    server.member = false;
    const store = open(server);
    await store.load();
    server.member = true;
    store.apply(joined("me", 3));
    await eventually(() =>
      expect(store.view()).toMatchObject({ info: { viewerMembership: { id: "m" } } }),
    );
    store.apply(left("me"));
    expect(store.view()).toMatchObject({ info: { viewerMembership: null } });
  });

  it("fetches a missing message", async () => {
    vi.useFakeTimers();
    try {
      const server = new Server(1);
      const store = open(server);
      await store.load();
      server.last = 3;
      store.apply(sent(3));
      expect(seqs(store)).toEqual([1, 3]);
      await vi.advanceTimersByTimeAsync(2_000);
      expect(seqs(store)).toEqual([1, 2, 3]);
      expect(server.asked).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });
});
