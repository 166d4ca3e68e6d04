import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { makeDue } from "../kit/due.ts";
import type { Room, TypedError } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { FULL_CONVERSATION, type FullConversation } from "../kit/message-documents.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import {
  CANCEL_SCHEDULED,
  EDIT_SCHEDULED,
  SCHEDULE_MESSAGE,
  WRITING_EVENTS,
  type Scheduled,
  type SchedulePayload,
  type WritingEvent,
} from "../kit/writing-documents.ts";

const HOUR_MS = 3_600_000;

let database: TestDatabase;
let server: TestServer;
let ada: Actor;
let bob: Actor;
let stranger: Actor;
let room: Room;
/** A room for wake-up messages. */
let wakeUps: Room;
let rooms = 0;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url });
  const seed = seedOn(server);
  [ada, bob, stranger] = [seed.user("ada"), seed.user("bob"), seed.user("stranger")];
  wakeUps = await ada.createsRoom("Wake-ups");
});

beforeEach(async () => {
  rooms += 1;
  room = await ada.createsRoom(`Room ${rooms}`);
  await bob.joins(room);
});

const uuid = (id: string): string => Buffer.from(id, "base64").toString().split(":")[1] ?? "";

async function waiting(who: Actor): Promise<Scheduled[]> {
  const { viewer } = await who.query<{
    viewer: { scheduledMessages: { edges: { node: Scheduled }[] } };
  }>(
    `{ viewer { scheduledMessages(first: 100) { edges { node {
         id conversationId body sendAt clientId state failureCode } } } } }`,
  );
  return viewer.scheduledMessages.edges
    .map(({ node }) => node)
    .filter(({ conversationId }) => conversationId === room.id);
}

async function saidIn(where: Room, who = ada): Promise<string[]> {
  const { node } = await who.query<{ node: FullConversation }>(FULL_CONVERSATION, { id: where.id });
  // System messages have no text.
  return node.messages.edges.flatMap(({ node: message }) => message.body || []);
}

async function codeOf(
  who: Actor,
  document: string,
  input: Record<string, unknown>,
): Promise<string> {
  const answer = await who.mutate<SchedulePayload | TypedError>(document, { input });
  return "code" in answer ? answer.code : "OK";
}

/** Makes scheduled messages due immediately. */
const makeAllDue = (...scheduled: Pick<Scheduled, "body">[]): Promise<void> =>
  makeDue(
    database,
    scheduled.map(({ body }) => body),
    ada,
    wakeUps,
  );

describe("a scheduled message", () => {
  test("waits, is sent at its time in its author's name, and leaves the list", async () => {
    const root = await bob.says(room, "root");
    const scheduled = await eventually(() =>
      bob.schedules(room, "good morning, @ada", 1_000, {
        threadRootId: root.id,
        replyToId: root.id,
      }),
    );
    expect(scheduled).toMatchObject({
      conversationId: room.id,
      body: "good morning, @ada",
      clientId: uuid(scheduled.id),
      state: "SCHEDULED",
      failureCode: null,
    });
    await eventually(async () =>
      expect(await saidIn(room)).toEqual(["root", "good morning, @ada"]),
    );
    await eventually(async () => expect(await waiting(bob)).toEqual([]));
    const [sent] = await database.query(
      `SELECT m."createdAt" >= $2::timestamptz AS "inTime", m."threadRootId", m."replyToId",
              m."clientId", jsonb_array_length(m.mentions) AS mentions, u.username AS author
       FROM "Message" m JOIN "User" u ON u.id = m."authorId" WHERE m."clientId" = $1`,
      [scheduled.clientId, scheduled.sendAt],
    );
    expect(sent).toEqual({
      inTime: true,
      threadRootId: uuid(root.id),
      replyToId: uuid(root.id),
      clientId: scheduled.clientId,
      mentions: 1,
      author: "bob",
    });
  });

  test("is hidden from others, who cannot change it", async () => {
    const scheduled = await bob.schedules(room, "later", HOUR_MS);
    expect(await waiting(ada)).toEqual([]);
    const query = `query($id: ID!) { node(id: $id) { ... on ScheduledMessage { body } } }`;
    expect(await ada.query(query, { id: scheduled.id })).toEqual({ node: null });
    expect(await bob.query(query, { id: scheduled.id })).toEqual({ node: { body: "later" } });
    const input = { scheduledMessageId: scheduled.id };
    expect(await codeOf(ada, EDIT_SCHEDULED, { ...input, body: "never" })).toBe("NOT_FOUND");
    expect(await codeOf(ada, CANCEL_SCHEDULED, input)).toBe("NOT_FOUND");
    expect(await waiting(bob)).toEqual([scheduled]);
  });

  test("is edited and cancelled, with events to one's own devices", async () => {
    const stream = await (await bob.client()).subscribe<WritingEvent>({ query: WRITING_EVENTS });
    await stream.next(({ __typename }) => __typename === "Ready");
    const scheduled = await bob.schedules(room, "later", HOUR_MS);
    const sendAt = new Date(Date.now() + 2 * HOUR_MS).toISOString();
    const input = { scheduledMessageId: scheduled.id };
    expect(await codeOf(bob, EDIT_SCHEDULED, { ...input, body: "much later", sendAt })).toBe("OK");
    expect(await waiting(bob)).toEqual([{ ...scheduled, body: "much later", sendAt }]);
    expect(await codeOf(bob, CANCEL_SCHEDULED, input)).toBe("OK");
    expect(await codeOf(bob, CANCEL_SCHEDULED, input)).toBe("NOT_FOUND");
    expect(await codeOf(bob, EDIT_SCHEDULED, { ...input, body: "never" })).toBe("NOT_FOUND");
    expect(await waiting(bob)).toEqual([]);
    const end = await ada.says(room, "the end");
    await stream.next(({ message }) => message?.id === end.id);
    const changes = stream.all.filter(({ __typename }) => __typename === "ScheduledMessageChanged");
    expect(changes.map(({ scheduledMessageId }) => scheduledMessageId)).toEqual(
      Array(3).fill(scheduled.id),
    );
    expect(changes.at(-1)?.scheduledMessage).toBeNull();
  });

  test("exists once for all requests with one client id", async () => {
    const clientId = crypto.randomUUID();
    const all = await Promise.all(
      [1, 2, 3].map((n) => bob.schedules(room, `try ${n}`, HOUR_MS, { clientId })),
    );
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await waiting(bob)).toHaveLength(1);
  });

  test("is sent once, even if it is scheduled again afterwards", async () => {
    const clientId = crypto.randomUUID();
    for (let turn = 0; turn < 2; turn += 1) {
      await makeAllDue(await bob.schedules(room, "once", HOUR_MS, { clientId }));
      await eventually(async () => expect(await waiting(bob)).toEqual([]));
    }
    expect(await saidIn(room)).toEqual(["once"]);
  });

  test("cannot be changed while it is being sent", async () => {
    const scheduled = await bob.schedules(room, "on its way", HOUR_MS);
    await database.query(`UPDATE "ScheduledMessage" SET "claimedAt" = now() WHERE id = $1`, [
      uuid(scheduled.id),
    ]);
    const input = { scheduledMessageId: scheduled.id };
    expect(await codeOf(bob, EDIT_SCHEDULED, { ...input, body: "no" })).toBe("NOT_ALLOWED");
    expect(await codeOf(bob, CANCEL_SCHEDULED, input)).toBe("NOT_ALLOWED");
    // The claim expires as if its instance had crashed, so another instance sends the message.
    await makeAllDue(scheduled);
    await eventually(async () => expect(await saidIn(room)).toContain("on its way"));
    await eventually(async () => expect(await waiting(bob)).toEqual([]));
  });

  test("is not sent again by the instance that takes over after the send", async () => {
    const scheduled = await bob.schedules(room, "only once", HOUR_MS);
    await bob.says(room, "only once", { clientId: scheduled.clientId });
    await makeAllDue(scheduled);
    await eventually(async () =>
      expect((await waiting(bob)).some(({ id }) => id === scheduled.id)).toBe(false),
    );
    expect((await saidIn(room)).filter((body) => body === "only once")).toHaveLength(1);
  });
});

describe("when a scheduled message is due, the permission to send is checked, and it", () => {
  const failureOf = (scheduled: Scheduled): Promise<string | null> =>
    eventually(async () => {
      const [own] = (await waiting(bob)).filter(({ id }) => id === scheduled.id);
      expect(own?.state).toBe("FAILED");
      return own?.failureCode ?? null;
    });

  test("fails for a former member", async () => {
    const scheduled = await bob.schedules(room, "later", HOUR_MS);
    await bob.leaves(room);
    await makeAllDue(scheduled);
    expect(await failureOf(scheduled)).toBe("NOT_A_MEMBER");
    await bob.joins(room);
    const sendAt = new Date(Date.now() + HOUR_MS).toISOString();
    const input = { scheduledMessageId: scheduled.id };
    // A failed message needs a new time.
    expect(await codeOf(bob, EDIT_SCHEDULED, { ...input, body: "anew" })).toBe("INVALID_INPUT");
    expect(await codeOf(bob, EDIT_SCHEDULED, { ...input, body: "anew", sendAt })).toBe("OK");
    await makeAllDue({ body: "anew" });
    await eventually(async () => expect(await saidIn(room)).toEqual(["anew"]));
  });

  test("fails for a member who can no longer see the room", async () => {
    const hidden = await ada.createsRoom(`Hidden ${rooms}`);
    await bob.joins(hidden);
    await database.query(`UPDATE "Conversation" SET visibility = 'PRIVATE' WHERE id = $1`, [
      uuid(hidden.id),
    ]);
    room = hidden;
    const scheduled = await bob.schedules(hidden, "later, in the dark", HOUR_MS);
    await bob.leaves(hidden);
    await makeAllDue(scheduled);
    expect(await failureOf(scheduled)).toBe("NOT_FOUND");
  });

  test("fails for a muted member, and in an archived room", async () => {
    const muted = await bob.schedules(room, "muted", HOUR_MS);
    await database.query(
      `UPDATE "Membership" SET "mutedUntil" = now() + interval '1 hour'
       WHERE "conversationId" = $1 AND "userId" = $2`,
      [uuid(room.id), uuid((await bob.signsUp()).user.id)],
    );
    await makeAllDue(muted);
    expect(await failureOf(muted)).toBe("MUTED");
    const archived = await bob.schedules(room, "archived", HOUR_MS);
    await database.query(
      `UPDATE "ConversationHead" SET "archivedAt" = now() WHERE "conversationId" = $1`,
      [uuid(room.id)],
    );
    await makeAllDue(archived);
    expect(await failureOf(archived)).toBe("ARCHIVED");
    expect(await saidIn(room)).toEqual([]);
  });

  test("fails as a reply to a deleted message, and the author receives the reason", async () => {
    const stream = await (await bob.client()).subscribe<WritingEvent>({ query: WRITING_EVENTS });
    await stream.next(({ __typename }) => __typename === "Ready");
    const answered = await ada.says(room, "answer me");
    const scheduled = await bob.schedules(room, "an answer", HOUR_MS, { replyToId: answered.id });
    await ada.deletes(answered);
    await makeAllDue(scheduled);
    const failed = await stream.next(
      ({ scheduledMessage }) => scheduledMessage?.state === "FAILED",
    );
    expect(failed).toMatchObject({
      scheduledMessageId: scheduled.id,
      scheduledMessage: { body: "an answer", failureCode: "DELETED" },
    });
  });

  test("is sent later if slow mode requires a wait", async () => {
    await database.query(
      `UPDATE "ConversationHead" SET "slowModeSeconds" = 2 WHERE "conversationId" = $1`,
      [uuid(room.id)],
    );
    await bob.says(room, "first");
    await makeAllDue(await bob.schedules(room, "second", HOUR_MS));
    await eventually(async () => expect(await saidIn(room)).toEqual(["first", "second"]));
    const [{ pause } = { pause: 0 }] = await database.query<{ pause: number }>(
      `SELECT extract(epoch FROM max("createdAt") - min("createdAt"))::float AS pause FROM "Message"
       WHERE "conversationId" = $1 AND body <> ''`,
      [uuid(room.id)],
    );
    expect(pause).toBeGreaterThanOrEqual(2);
  });
});

describe("scheduling is immediately rejected", () => {
  const later = (ms = HOUR_MS): string => new Date(Date.now() + ms).toISOString();

  test("with an invalid text, a past time, or a conversation without access", async () => {
    const hidden = await ada.createsRoom(`Secret ${rooms}`, { visibility: "PRIVATE" });
    const elsewhere = await ada.says(hidden, "elsewhere");
    const input = { conversationId: room.id, body: "later", sendAt: later() };
    const year = 367 * 24 * HOUR_MS;
    const table: [Actor, Record<string, unknown>, string][] = [
      [bob, { body: " " }, "INVALID_INPUT"],
      [bob, { body: "x".repeat(8_001) }, "INVALID_INPUT"],
      [bob, { sendAt: later(-1) }, "INVALID_INPUT"],
      [bob, { sendAt: later(year) }, "INVALID_INPUT"],
      [bob, { replyToId: elsewhere.id }, "NOT_FOUND"],
      [bob, { threadRootId: elsewhere.id }, "NOT_FOUND"],
      [bob, { conversationId: hidden.id }, "NOT_FOUND"],
      [stranger, {}, "NOT_A_MEMBER"],
    ];
    for (const [who, change, code] of table) {
      const answer = await codeOf(who, SCHEDULE_MESSAGE, { ...input, ...change });
      expect(answer, JSON.stringify(change).slice(0, 80)).toBe(code);
    }
    const { id } = await bob.schedules(room, "later", HOUR_MS);
    for (const change of [{ body: "" }, { sendAt: later(-1) }, { sendAt: later(year) }]) {
      const edited = await codeOf(bob, EDIT_SCHEDULED, { scheduledMessageId: id, ...change });
      expect(edited).toBe("INVALID_INPUT");
    }
  });

  test("beyond a hundred waiting messages, also in parallel", async () => {
    const many = seedOn(server).user(`many-${rooms}`);
    await many.joins(room);
    for (let n = 0; n < 98; n += 7) {
      await Promise.all(
        Array.from({ length: 7 }, (_, i) => many.schedules(room, `number ${n + i}`, HOUR_MS + n)),
      );
    }
    const input = { conversationId: room.id, body: "one more", sendAt: later() };
    const codes = await Promise.all([1, 2, 3, 4].map(() => codeOf(many, SCHEDULE_MESSAGE, input)));
    expect(codes.sort()).toEqual(["LIMIT_REACHED", "LIMIT_REACHED", "OK", "OK"]);
    const [first] = await waiting(many);
    await codeOf(many, CANCEL_SCHEDULED, { scheduledMessageId: first?.id });
    expect(await codeOf(many, SCHEDULE_MESSAGE, input)).toBe("OK");
  });
});

test("waiting messages are listed in pages, next first", async () => {
  const planner = seedOn(server).user(`planner-${rooms}`);
  await planner.joins(room);
  for (const [body, ms] of [
    ["b", 2],
    ["c", 3],
    ["a", 1],
  ] as const) {
    await planner.schedules(room, body, ms * HOUR_MS);
  }
  const page = async (variables: object) => {
    const { viewer } = await planner.query<{
      viewer: { list: { edges: { cursor: string; node: { body: string } }[] } };
    }>(
      `query($first: Int, $after: String, $last: Int, $before: String) { viewer {
         list: scheduledMessages(first: $first, after: $after, last: $last, before: $before) {
           edges { cursor node { body } } } } }`,
      { ...variables },
    );
    return viewer.list.edges;
  };
  const first = await page({ first: 2 });
  expect(first.map(({ node }) => node.body)).toEqual(["a", "b"]);
  const rest = await page({ first: 2, after: first[1]?.cursor });
  expect(rest.map(({ node }) => node.body)).toEqual(["c"]);
  const above = await page({ last: 1, before: rest[0]?.cursor });
  expect(above.map(({ node }) => node.body)).toEqual(["b"]);
});
