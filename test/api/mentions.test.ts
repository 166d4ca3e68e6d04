import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import type { Room } from "../kit/documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer } from "../kit/server.ts";
import type { Subscription } from "../kit/socket.ts";
import {
  THREADED_MESSAGES,
  WRITING_EVENTS,
  type Mention,
  type ThreadedForViewer,
  type WritingEvent,
} from "../kit/writing-documents.ts";

let database: TestDatabase;
let seed: Seed;
let ada: Actor;
let bob: Actor;
let eve: Actor;
let outsider: Actor;
let room: Room;
let rooms = 0;

beforeAll(async () => {
  database = await createDatabase();
  // In rooms of at most three members, everyone may mention all.
  seed = seedOn(
    await startServer({ databaseUrl: database.url, env: { MENTION_ALL_MEMBERS: "3" } }),
  );
  ada = seed.user("Ada");
  bob = seed.user("bob");
  eve = seed.user("eve.smith");
  outsider = seed.user("outsider");
  for (const person of [ada, bob, eve, outsider]) await person.signsUp();
});

beforeEach(async () => {
  rooms += 1;
  room = await ada.createsRoom(`Room ${rooms}`);
  for (const person of [bob, eve]) await person.joins(room);
});

async function messageOf(id: string, who = ada): Promise<ThreadedForViewer> {
  const { nodes } = await who.query<{ nodes: ThreadedForViewer[] }>(THREADED_MESSAGES, {
    ids: [id],
  });
  if (!nodes[0]) throw new Error("the message cannot be seen");
  return nodes[0];
}

const at = (kind: Mention["kind"], username: string | null, start: number, length: number) => ({
  kind,
  user: username === null ? null : { username },
  start,
  length,
});

async function listen(who: Actor): Promise<Subscription<WritingEvent>> {
  const stream = await (await who.client()).subscribe<WritingEvent>({ query: WRITING_EVENTS });
  await stream.next(({ __typename }) => __typename === "Ready");
  return stream;
}

interface Page {
  edges: { cursor: string; node: { id: string; body: string } }[];
  pageInfo: { hasNextPage: boolean };
}

async function mentionsOf(who: Actor, variables: Record<string, unknown> = {}): Promise<Page> {
  const { viewer } = await who.query<{ viewer: { mentions: Page } }>(
    `query($first: Int, $after: String, $last: Int, $before: String) { viewer {
       mentions(first: $first, after: $after, last: $last, before: $before) {
         edges { cursor node { id body } } pageInfo { hasNextPage } } } }`,
    { first: 50, ...variables },
  );
  return viewer.mentions;
}

const bodies = ({ edges }: Page): string[] => edges.map(({ node }) => node.body);

async function rowsOf(messageId: string): Promise<string[]> {
  const rows = await database.query<{ name: string | null }>(
    `SELECT u.username AS name FROM "Mention" m LEFT JOIN "User" u ON u.id = m."userId"
     WHERE m."messageId" = $1 ORDER BY 1`,
    [Buffer.from(messageId, "base64").toString().split(":")[1]],
  );
  return rows.map(({ name }) => name ?? "everyone");
}

describe("a mention", () => {
  test("is a span of the text with its user, in results, events and queries", async () => {
    const stream = await listen(eve);
    const body = "🦜 hi @ADA, `@bob` & @eve.smith. @outsider a@bob.com";
    const { id } = await bob.says(room, body);
    const mentions = [at("USER", "Ada", 6, 4), at("USER", "eve.smith", 21, 10)];
    expect(await messageOf(id)).toMatchObject({ body, mentions });
    const { message } = await stream.next((event) => event.message?.id === id);
    expect(message).toMatchObject({ body, mentions });
    expect(body.slice(21, 31)).toBe("@eve.smith");
    expect(await rowsOf(id)).toEqual(["Ada", "eve.smith"]);
  });

  test("shows the user's current name", async () => {
    const { id } = await bob.says(room, "hello @eve.smith");
    const { user } = await eve.signsUp();
    const uuid = Buffer.from(user.id, "base64").toString().split(":")[1];
    const rename = `UPDATE "User" SET username = $2 WHERE id = $1`;
    await database.query(rename, [uuid, "Eve.Smith"]);
    expect((await messageOf(id)).mentions).toEqual([at("USER", "Eve.Smith", 6, 10)]);
    await database.query(rename, [uuid, "eve.smith"]);
  });

  test("counts for the mentioned users, but not for the author", async () => {
    const { id } = await bob.says(room, "@bob and @Ada");
    const mentioned = await Promise.all(
      [ada, bob, eve].map(async (who) => (await messageOf(id, who)).viewerMentioned),
    );
    expect(mentioned).toEqual([true, false, false]);
    expect(await rowsOf(id)).toEqual(["Ada"]);
  });

  test("of all members works in a small room", async () => {
    const { id } = await bob.says(room, "@room: @here we go");
    expect((await messageOf(id)).mentions).toEqual([
      at("ROOM", null, 0, 5),
      at("HERE", null, 7, 5),
    ]);
    const mentioned = await Promise.all(
      [ada, bob, eve].map(async (who) => (await messageOf(id, who)).viewerMentioned),
    );
    expect(mentioned).toEqual([true, false, true]);
    expect(await rowsOf(id)).toEqual(["everyone"]);
  });

  test("of all members is plain text in a large room, except from moderators", async () => {
    await outsider.joins(room);
    const plain = await bob.says(room, "@room, @here, @Ada");
    expect((await messageOf(plain.id)).mentions).toEqual([at("USER", "Ada", 14, 4)]);
    const loud = await ada.says(room, "@room");
    expect((await messageOf(loud.id)).mentions).toEqual([at("ROOM", null, 0, 5)]);
  });

  test("of a former member is plain text", async () => {
    await eve.leaves(room);
    const { id } = await bob.says(room, "@eve.smith");
    expect((await messageOf(id)).mentions).toEqual([]);
    expect(await rowsOf(id)).toEqual([]);
  });

  test("changes with the text, and disappears with it", async () => {
    const { id } = await bob.says(room, "@Ada");
    const stream = await listen(eve);
    await bob.edits({ id }, "no, @eve.smith and @room");
    expect((await messageOf(id)).mentions).toEqual([
      at("USER", "eve.smith", 4, 10),
      at("ROOM", null, 19, 5),
    ]);
    expect(await rowsOf(id)).toEqual(["eve.smith", "everyone"]);
    await bob.edits({ id }, "nobody");
    expect((await messageOf(id)).mentions).toEqual([]);
    expect(await rowsOf(id)).toEqual([]);
    await bob.edits({ id }, "@Ada again");
    await bob.deletes({ id });
    expect(await messageOf(id)).toMatchObject({ body: "", mentions: [], viewerMentioned: false });
    expect(await rowsOf(id)).toEqual([]);
    await stream.next(({ __typename }) => __typename === "MessageDeleted");
    expect(stream.all.at(-1)?.message?.mentions).toEqual([]);
  });

  test("leaves the text unchanged, including Markdown", async () => {
    const body = "  **@Ada**  \n\n```\n@bob\n```\n\t[x](y) \\@eve.smith\r\n";
    const { id } = await bob.says(room, body);
    expect(await messageOf(id)).toMatchObject({ body, mentions: [at("USER", "Ada", 4, 4)] });
  });
});

describe("viewer.mentions", () => {
  test("contains messages of other users that mention the viewer, newest first, in pages", async () => {
    const reader = seed.user(`reader-${rooms}`);
    const other = await bob.createsRoom(`Other ${rooms}`);
    for (const where of [room, other]) await reader.joins(where);
    const name = `@${reader.username}`;
    await bob.says(room, `${name} 1`);
    await reader.says(room, `${name} own`);
    await bob.says(other, `@room ${name} 2`);
    await bob.says(other, "@here 3");
    await bob.says(room, "to nobody");
    await ada.says(room, `@room 4`);
    const all = [`@room 4`, "@here 3", `@room ${name} 2`, `${name} 1`];
    expect(bodies(await mentionsOf(reader))).toEqual(all);
    const first = await mentionsOf(reader, { first: 2 });
    expect([bodies(first), first.pageInfo.hasNextPage]).toEqual([all.slice(0, 2), true]);
    const after = first.edges.at(-1)?.cursor;
    const second = await mentionsOf(reader, { first: 2, after });
    expect([bodies(second), second.pageInfo.hasNextPage]).toEqual([all.slice(2), false]);
    const before = second.edges[0]?.cursor;
    expect(bodies(await mentionsOf(reader, { first: null, last: 1, before }))).toEqual(["@here 3"]);
  });

  test("contains only messages that the viewer may currently see, and none from before joining", async () => {
    const late = seed.user(`late-${rooms}`);
    await late.signsUp();
    await ada.says(room, "@room, before");
    await late.joins(room);
    await ada.says(room, "@room, after");
    expect(bodies(await mentionsOf(late))).toEqual(["@room, after"]);
    await late.leaves(room);
    expect(bodies(await mentionsOf(late))).toEqual([]);
  });
});
