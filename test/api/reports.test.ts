import { beforeAll, describe, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import type { ChatMessage, Room } from "../kit/documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer } from "../kit/server.ts";
import type { Variables } from "../kit/socket.ts";
import {
  REPORT,
  REPORTS,
  RESOLVE_REPORT,
  ROOM_AUDIT_LOG,
  type AuditEntry,
  type Page,
  type ShownReport,
} from "../kit/trust-documents.ts";

type Outcome = { __typename: string; code?: string; report?: ShownReport };

let database: TestDatabase;
let seed: Seed;
/** The administrator of the server, in none of the rooms. */
let root: Actor;
let owner: Actor;
let moderator: Actor;
let author: Actor;
let reporter: Actor;
let outsider: Actor;
let room: Room;

beforeAll(async () => {
  database = await createDatabase();
  seed = seedOn(await startServer({ databaseUrl: database.url }));
  root = seed.user("root");
  await root.signsUp();
  [owner, moderator, author, reporter, outsider] = [
    seed.user("owner"),
    seed.user("moderator"),
    seed.user("author"),
    seed.user("reporter"),
    seed.user("outsider"),
  ];
  room = await owner.createsRoom("Reported", { visibility: "PRIVATE" });
  await outsider.signsUp();
  for (const person of [moderator, author, reporter]) await admit(person, room);
  await database.query(
    `UPDATE "Membership" m SET role = 'MODERATOR' FROM "User" u
     WHERE u.id = m."userId" AND u.username = 'moderator' AND m."conversationId" = $1`,
    [uuidOf(room.id)],
  );
});

const uuidOf = (globalId: string): string =>
  Buffer.from(globalId, "base64").toString().split(":")[1] ?? "";
const idOf = async (actor: Actor): Promise<string> => (await actor.signsUp()).user.id;

/** Adds a user to a private room in the database directly, because these tests have no other way. */
async function admit(person: Actor, into: Room): Promise<void> {
  await database.query(
    `INSERT INTO "Membership" (id, "conversationId", "userId", "joinedPosition") VALUES (gen_random_uuid(), $1, $2, 0)`,
    [uuidOf(into.id), uuidOf(await idOf(person))],
  );
}

const report = (by: Actor, input: Variables): Promise<Outcome> =>
  by.mutate<Outcome>(REPORT, { input: { reason: "SPAM", ...input } });
const resolve = (by: Actor, reportId: string, input: Variables = {}): Promise<Outcome> =>
  by.mutate<Outcome>(RESOLVE_REPORT, { input: { reportId, resolution: "ACTED", ...input } });
const list = async (by: Actor, variables: Variables = {}): Promise<ShownReport[]> => {
  const data = await by.query<{ reports: Page<ShownReport> }>(REPORTS, variables);
  return data.reports.edges.map(({ node }) => node);
};
const seen = async (by: Actor, id: string): Promise<boolean> =>
  (await list(by)).some((one) => one.id === id);
const made = async (by: Actor, input: Variables): Promise<ShownReport> => {
  const outcome = await report(by, input);
  if (outcome.report === undefined) throw new Error(JSON.stringify(outcome));
  return outcome.report;
};

describe("a report about a message", () => {
  let message: ChatMessage;
  let first: ShownReport;

  beforeAll(async () => {
    message = await author.says(room, "buy my pills");
    first = await made(reporter, { messageId: message.id, comment: "  every day  " });
  });

  test("contains the message and its author", () => {
    expect(first).toMatchObject({
      status: "OPEN",
      subject: "MESSAGE",
      reason: "SPAM",
      comment: "every day",
      message: { id: message.id, body: "buy my pills" },
      accused: { username: "author" },
      reporter: { username: "reporter" },
      resolution: null,
      roomId: null,
    });
  });

  test("exists once while it is open, even after two parallel requests", async () => {
    expect((await made(reporter, { messageId: message.id, reason: "HATE" })).id).toBe(first.id);
    const other = await author.says(room, "and my creams");
    const twice = await Promise.all(
      Array.from({ length: 5 }, () => made(reporter, { messageId: other.id })),
    );
    expect(new Set(twice.map(({ id }) => id)).size).toBe(1);
    // Another user's report is a different one.
    expect((await made(owner, { messageId: message.id })).id).not.toBe(first.id);
  });

  test("is visible to moderators and administrators only", async () => {
    for (const person of [owner, moderator, root]) expect(await seen(person, first.id)).toBe(true);
    for (const person of [author, reporter, outsider]) expect(await list(person)).toEqual([]);
  });

  test("can be loaded by id by moderators, administrators and its creator", async () => {
    const NODE = "query($id: ID!) { node(id: $id) { __typename id } }";
    for (const [person, may] of [
      [owner, true],
      [moderator, true],
      [root, true],
      [reporter, true],
      [author, false],
      [outsider, false],
    ] as const) {
      const { node } = await person.query<{ node: object | null }>(NODE, { id: first.id });
      expect(node !== null, person.username).toBe(may);
    }
  });

  test("reveals its creator to administrators and the creator, but not to moderators", async () => {
    const reporterSeenBy = async (by: Actor): Promise<string | undefined> =>
      (await list(by)).find(({ id }) => id === first.id)?.reporter?.username;
    expect(await reporterSeenBy(root)).toBe("reporter");
    expect(await reporterSeenBy(moderator)).toBeUndefined();
    const data = await moderator.query<{ node: { auditLog: Page<AuditEntry> } }>(ROOM_AUDIT_LOG, {
      id: room.id,
    });
    expect(JSON.stringify(data)).not.toContain("reporter");
  });

  test("shows the message to an administrator outside the room, without the text once deleted", async () => {
    const gone = await author.says(room, "a secret that must go");
    const { id } = await made(reporter, { messageId: gone.id });
    const find = async (): Promise<ShownReport | undefined> =>
      (await list(root)).find((one) => one.id === id);
    expect((await find())?.message?.body).toBe("a secret that must go");
    await author.deletes(gone);
    expect((await find())?.message).toEqual({ id: gone.id, body: "" });
    const dump = await database.query(`SELECT * FROM "Report"`);
    expect(JSON.stringify(dump)).not.toContain("a secret that must go");
  });

  test("is hidden from the accused moderator", async () => {
    const own = await moderator.says(room, "I am the law");
    const { id } = await made(reporter, { messageId: own.id });
    expect(await seen(moderator, id)).toBe(false);
    expect(await resolve(moderator, id)).toMatchObject({ code: "NOT_FOUND" });
    expect(await seen(owner, id)).toBe(true);
  });

  test("is resolved once, by permitted users", async () => {
    const other = await author.says(room, "third offer");
    const { id } = await made(reporter, { messageId: other.id });
    expect(await resolve(reporter, id)).toMatchObject({ code: "NOT_ALLOWED" });
    for (const person of [author, outsider])
      expect(await resolve(person, id)).toMatchObject({ code: "NOT_FOUND" });
    expect(await resolve(moderator, id, { note: "x".repeat(1_001) })).toMatchObject({
      code: "INVALID_INPUT",
    });
    const decided = await resolve(moderator, id, { note: "warned" });
    expect(decided.report).toMatchObject({
      status: "RESOLVED",
      resolution: "ACTED",
      note: "warned",
      resolvedBy: { username: "moderator" },
    });
    const again = await resolve(owner, id, { resolution: "DISMISSED", note: "no" });
    expect(again.report).toEqual({ ...decided.report, reporter: null });
    expect((await list(owner, { status: "OPEN" })).map((one) => one.id)).not.toContain(id);
    expect((await list(owner, { status: "RESOLVED" })).map((one) => one.id)).toContain(id);
    // A resolved subject can be reported again.
    expect((await made(reporter, { messageId: other.id })).id).not.toBe(id);
  });
});

test("a report about a user or a room is for administrators", async () => {
  const person = await made(reporter, { userId: await idOf(author), reason: "HARASSMENT" });
  const place = await made(reporter, { roomId: room.id, reason: "ILLEGAL" });
  expect(person).toMatchObject({ subject: "USER", accused: { username: "author" }, message: null });
  expect(place).toMatchObject({ subject: "ROOM", accused: null, roomId: room.id });
  for (const { id } of [person, place]) {
    expect(await seen(root, id)).toBe(true);
    expect(await seen(owner, id)).toBe(false);
    expect(await resolve(root, id, { resolution: "DISMISSED" })).toMatchObject({
      report: { status: "RESOLVED", resolution: "DISMISSED" },
    });
  }
});

test("users cannot report hidden subjects, or themselves", async () => {
  const hidden = await author.says(room, "among us");
  for (const input of [
    { messageId: hidden.id },
    { roomId: room.id },
    { userId: Buffer.from(`User:${uuidOf(room.id)}`).toString("base64") },
  ])
    expect(await report(outsider, input)).toMatchObject({ code: "NOT_FOUND" });
  expect(await report(author, { messageId: hidden.id })).toMatchObject({ code: "NOT_ALLOWED" });
  expect(await report(author, { userId: await idOf(author) })).toMatchObject({
    code: "NOT_ALLOWED",
  });
});

test("a report has exactly one subject, and a comment that can be stored", async () => {
  const messageId = (await author.says(room, "once more")).id;
  for (const input of [
    {},
    { messageId, roomId: room.id },
    { messageId, comment: "x".repeat(1_001) },
    { messageId, comment: "a\u0000b" },
  ])
    expect(await report(reporter, input), JSON.stringify(input)).toMatchObject({
      code: "INVALID_INPUT",
    });
});

test("reports are paged, optionally of one room", async () => {
  const quiet = await owner.createsRoom("Quiet");
  const ids: string[] = [];
  for (const text of ["1", "2", "3"]) {
    await author.joins(quiet);
    ids.unshift((await made(owner, { messageId: (await author.says(quiet, text)).id })).id);
  }
  const variables = { roomId: quiet.id, first: 2 };
  const first = await root.query<{ reports: Page<ShownReport> }>(REPORTS, variables);
  const { endCursor, hasNextPage } = first.reports.pageInfo;
  const rest = await root.query<{ reports: Page<ShownReport> }>(REPORTS, {
    ...variables,
    after: endCursor,
  });
  const pages = [first, rest].flatMap(({ reports }) => reports.edges.map(({ node }) => node.id));
  expect({ pages, hasNextPage }).toEqual({ pages: ids, hasNextPage: true });
});

test("a user who loses the role no longer sees reports", async () => {
  const { id } = await made(reporter, { messageId: (await author.says(room, "last")).id });
  expect(await seen(moderator, id)).toBe(true);
  await moderator.leaves(room);
  expect(await list(moderator)).toEqual([]);
  expect(await resolve(moderator, id)).toMatchObject({ code: "NOT_FOUND" });
});
