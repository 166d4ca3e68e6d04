import { beforeAll, beforeEach, expect, test } from "vitest";
import { client } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import type { Room, TypedError } from "../kit/documents.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import type { Subscription } from "../kit/socket.ts";
import {
  SAVE_DRAFT,
  WRITING_EVENTS,
  type Draft,
  type DraftPayload,
  type WritingEvent,
} from "../kit/writing-documents.ts";
import { inOrder } from "./head-holder.ts";

let database: TestDatabase;
let server: TestServer;
let ada: Actor;
let bob: Actor;
let stranger: Actor;
let room: Room;
let rooms = 0;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url });
  const seed = seedOn(server);
  [ada, bob, stranger] = [seed.user("ada"), seed.user("bob"), seed.user("stranger")];
});

beforeEach(async () => {
  rooms += 1;
  room = await ada.createsRoom(`Room ${rooms}`);
  await bob.joins(room);
});

const DRAFT = "{ conversationId threadRootId replyToId body updatedAt version }";

/** Returns the draft in the room, and the list of all drafts. */
async function kept(who = ada): Promise<{ here: Draft | null; all: string[] }> {
  const data = await who.query<{
    node: { viewerDraft: Draft | null };
    viewer: { drafts: { edges: { node: Draft }[] } };
  }>(
    `query($id: ID!) { node(id: $id) { ... on Conversation { viewerDraft ${DRAFT} } }
       viewer { drafts(first: 50) { edges { node ${DRAFT} } } } }`,
    { id: room.id },
  );
  return {
    here: data.node.viewerDraft,
    all: data.viewer.drafts.edges
      .filter(({ node }) => node.conversationId === room.id)
      .map(({ node }) => node.body),
  };
}

async function codeOf(who: Actor | null, input: Record<string, unknown>): Promise<string> {
  const asked = who === null ? client(server) : await who.client();
  const answer = await asked.mutate<DraftPayload | TypedError>(SAVE_DRAFT, {
    input: { conversationId: room.id, body: "draft", ...input },
  });
  return "code" in answer ? answer.code : "OK";
}

async function listen(who: Actor, after?: string): Promise<Subscription<WritingEvent>> {
  const stream = await (
    await who.client()
  ).subscribe<WritingEvent>({ query: WRITING_EVENTS, variables: { after } });
  await stream.next(({ __typename }) => __typename === "Ready");
  return stream;
}

/** Collects the draft events of a stream, up to a message sent after it is open. */
async function draftEventsOf(stream: Subscription<WritingEvent>): Promise<WritingEvent[]> {
  const { id } = await bob.says(room, "the end");
  await stream.next(({ message }) => message?.id === id);
  return stream.all.filter(({ __typename }) => __typename === "DraftChanged");
}

test("a draft is private, unique per conversation, and the same on every device until it is cleared", async () => {
  expect(await kept()).toEqual({ here: null, all: [] });
  const { draft, cursor } = await ada.drafts(room, "  to be contin");
  expect(draft).toEqual({
    conversationId: room.id,
    threadRootId: null,
    replyToId: null,
    body: "  to be contin",
    updatedAt: expect.any(String),
    version: cursor,
  });
  expect(await kept()).toEqual({ here: draft, all: ["  to be contin"] });
  expect(await kept(bob)).toEqual({ here: null, all: [] });
  await ada.drafts(room, "to be continued");
  expect((await kept()).all).toEqual(["to be continued"]);
  expect((await ada.drafts(room, " \n ")).draft).toBeNull();
  expect(await kept()).toEqual({ here: null, all: [] });
  expect(await database.query(`SELECT * FROM "Draft"`)).toEqual([]);
});

test("a thread has a separate draft, and a draft may be a reply", async () => {
  const [root, answered] = [await bob.says(room, "root"), await bob.says(room, "answered")];
  await ada.drafts(room, "in the room", { replyToId: answered.id });
  await ada.drafts(room, "in the thread", { threadRootId: root.id });
  expect(await kept()).toMatchObject({
    here: { body: "in the room", replyToId: answered.id },
    all: ["in the thread", "in the room"],
  });
  const shown = await ada.query(
    `query($id: ID!) { node(id: $id) { ... on Message { viewerDraft { body threadRootId } } } }`,
    { id: root.id },
  );
  expect(shown).toEqual({
    node: { viewerDraft: { body: "in the thread", threadRootId: root.id } },
  });
  await ada.drafts(room, "");
  expect((await kept()).all).toEqual(["in the thread"]);
});

test("sending a message clears no draft", async () => {
  await ada.drafts(room, "hello");
  await ada.says(room, "hello");
  expect((await kept()).here?.body).toBe("hello");
});

test("draft changes reach only the user's own devices, and no stored event contains the text", async () => {
  const cursor = (await ada.drafts(room, "unsaid")).cursor;
  const [own, others] = [await listen(ada), await listen(bob)];
  const { draft } = await ada.drafts(room, "unsaid and unheard");
  await ada.drafts(room, "unsaid and unheard");
  const { version, body } = draft ?? { version: "", body: "" };
  expect(await draftEventsOf(own)).toMatchObject([
    { conversationId: room.id, threadRootId: null, cursor: version, draft: { body, version } },
  ]);
  expect(await draftEventsOf(others)).toEqual([]);
  await ada.drafts(room, "");
  const stored = await database.query<{ text: string }>(
    `SELECT coalesce(string_agg(e::text, ' '), '') AS text FROM "Event" e`,
  );
  expect(stored[0]?.text).toContain("DRAFT_CHANGED");
  expect(stored[0]?.text).not.toContain("unsaid");
  // A device that was offline learns of the change without the old text.
  const replayed = await draftEventsOf(await listen(ada, cursor));
  expect(replayed.map((event) => event.draft)).toEqual([null, null]);
});

test("the last save of a draft wins, unless the device edited an old version", async () => {
  const first = (await ada.drafts(room, "one", { baseVersion: null })).draft;
  const second = (await ada.drafts(room, "two", { baseVersion: first?.version ?? "" })).draft;
  expect(await codeOf(ada, { body: "old", baseVersion: first?.version })).toBe("STALE_DRAFT");
  expect(await codeOf(ada, { body: "old", baseVersion: null })).toBe("STALE_DRAFT");
  expect((await kept()).here?.body).toBe("two");
  await ada.drafts(room, "three");
  expect(await codeOf(ada, { body: "", baseVersion: second?.version })).toBe("STALE_DRAFT");
  expect((await kept()).here?.body).toBe("three");
  await ada.drafts(room, "");
  expect(await codeOf(ada, { body: "back again", baseVersion: second?.version })).toBe(
    "STALE_DRAFT",
  );
  expect((await kept()).here).toBeNull();
  expect(await codeOf(ada, { body: "new", baseVersion: null })).toBe("OK");
});

test("of two devices that create a draft in parallel with baseVersion null, one is rejected", async () => {
  const codes = await inOrder(
    database,
    () => codeOf(ada, { body: "one", baseVersion: null }),
    () => codeOf(ada, { body: "two", baseVersion: null }),
  );
  expect(codes).toEqual(["OK", "STALE_DRAFT"]);
  expect((await kept()).here?.body).toBe("one");
});

test("of two devices that pass no baseVersion, the later one wins", async () => {
  await inOrder(
    database,
    () => ada.drafts(room, "one"),
    () => ada.drafts(room, "two"),
  );
  expect(await kept()).toMatchObject({ here: { body: "two" }, all: ["two"] });
});

test("a non-member can neither save nor see drafts", async () => {
  const hidden = await ada.createsRoom(`Hidden ${rooms}`, { visibility: "PRIVATE" });
  expect(await codeOf(stranger, {})).toBe("NOT_A_MEMBER");
  expect(await codeOf(stranger, { conversationId: hidden.id })).toBe("NOT_FOUND");
  expect(await codeOf(null, {})).toBe("UNAUTHENTICATED");
  await bob.drafts(room, "unsaid");
  await bob.leaves(room);
  expect((await kept(bob)).all).toEqual([]);
  await bob.joins(room);
  expect((await kept(bob)).all).toEqual(["unsaid"]);
});

test("a draft that could not be a message is rejected", async () => {
  const elsewhere = await bob.says(await bob.createsRoom(`Elsewhere ${rooms}`), "elsewhere");
  const root = await bob.says(room, "root");
  const reply = await bob.says(room, "reply", { threadRootId: root.id });
  expect(await codeOf(ada, { body: "x".repeat(8_001) })).toBe("INVALID_INPUT");
  expect(await codeOf(ada, { body: "a\u0000b" })).toBe("INVALID_INPUT");
  expect(await codeOf(ada, { replyToId: elsewhere.id })).toBe("NOT_FOUND");
  expect(await codeOf(ada, { threadRootId: elsewhere.id })).toBe("NOT_FOUND");
  expect(await codeOf(ada, { threadRootId: reply.id })).toBe("NOT_FOUND");
  expect((await kept()).all).toEqual([]);
});

test("drafts are listed in pages, last changed first", async () => {
  const roots: string[] = [];
  for (const text of ["a", "b", "c"]) {
    const { id } = await bob.says(room, text);
    roots.push(id);
    await bob.drafts(room, text, { threadRootId: id });
  }
  await bob.drafts(room, "a, again", { threadRootId: roots[0] ?? "" });
  const page = async (variables: object) => {
    const { viewer } = await bob.query<{
      viewer: { drafts: { edges: { cursor: string; node: { body: string } }[] } };
    }>(
      `query($first: Int, $after: String, $last: Int, $before: String) { viewer {
         drafts(first: $first, after: $after, last: $last, before: $before) { edges { cursor node { body } } } } }`,
      { ...variables },
    );
    return viewer.drafts.edges;
  };
  const first = await page({ first: 2 });
  expect(first.map(({ node }) => node.body)).toEqual(["a, again", "c"]);
  const rest = await page({ first: 1, after: first[1]?.cursor });
  expect(rest.map(({ node }) => node.body)).toEqual(["b"]);
  const above = await page({ last: 1, before: rest[0]?.cursor });
  expect(above.map(({ node }) => node.body)).toEqual(["c"]);
});
