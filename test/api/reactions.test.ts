import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { client } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import type { ChatMessage, Room, TypedError } from "../kit/documents.ts";
import {
  ADD_REACTION,
  FULL_MESSAGES,
  MESSAGE_EVENTS,
  REMOVE_REACTION,
  type ChangePayload,
  type FullMessage,
  type MessageEvent,
  type ReactionGroup,
} from "../kit/message-documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import type { Subscription } from "../kit/socket.ts";

let database: TestDatabase;
let server: TestServer;
let seed: Seed;
let ada: Actor;
let bob: Actor;
/** A former member of the rooms. */
let former: Actor;
let stranger: Actor;
let room: Room;
let message: ChatMessage;
let rooms = 0;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url });
  seed = seedOn(server);
  [ada, bob, former, stranger] = [
    seed.user("ada"),
    seed.user("bob"),
    seed.user("former"),
    seed.user("stranger"),
  ];
  await stranger.signsUp();
});

beforeEach(async () => {
  rooms += 1;
  room = await ada.createsRoom(`Room ${rooms}`);
  for (const person of [bob, former]) await person.joins(room);
  await former.leaves(room);
  message = await ada.says(room, "said");
});

async function reactionsOf(id = message.id, who = ada): Promise<ReactionGroup[]> {
  const { nodes } = await who.query<{ nodes: FullMessage[] }>(FULL_MESSAGES, { ids: [id] });
  return nodes[0]?.reactions ?? [];
}

async function answerTo(
  who: Actor | null,
  document: string,
  emoji: string,
  messageId = message.id,
): Promise<ChangePayload | TypedError> {
  const asked = who === null ? client(server) : await who.client();
  return asked.mutate<ChangePayload | TypedError>(document, { input: { messageId, emoji } });
}

async function codeOf(...args: Parameters<typeof answerTo>): Promise<string> {
  const answer = await answerTo(...args);
  return "code" in answer ? answer.code : "OK";
}

async function listen(who: Actor): Promise<Subscription<MessageEvent>> {
  const stream = await (await who.client()).subscribe<MessageEvent>({ query: MESSAGE_EVENTS });
  await stream.next(({ __typename }) => __typename === "Ready");
  return stream;
}

/** Collects all events up to a new message. */
async function eventsOf(stream: Subscription<MessageEvent>): Promise<MessageEvent[]> {
  const { id } = await ada.says(room, "the end");
  await stream.next((event) => event.message?.id === id);
  return stream.all.filter((event) => event.message !== undefined && event.message.id !== id);
}

describe("permission to react", () => {
  test.for([
    ["addReaction", ADD_REACTION],
    ["removeReaction", REMOVE_REACTION],
  ] as const)(
    "through %s requires membership, in public and in private rooms",
    async ([, document]) => {
      const hidden = await ada.createsRoom(`Hidden ${rooms}`);
      for (const person of [bob, former]) await person.joins(hidden);
      await former.leaves(hidden);
      const uuid = Buffer.from(hidden.id, "base64").toString().split(":")[1];
      await database.query(`UPDATE "Conversation" SET visibility = 'PRIVATE' WHERE id = $1`, [
        uuid,
      ]);
      const secret = await ada.says(hidden, "secret");
      const table: [Actor | null, string, string][] = [
        [ada, "OK", "OK"],
        [bob, "OK", "OK"],
        [former, "NOT_A_MEMBER", "NOT_FOUND"],
        [stranger, "NOT_A_MEMBER", "NOT_FOUND"],
        [null, "UNAUTHENTICATED", "UNAUTHENTICATED"],
      ];
      for (const [who, inPublic, inPrivate] of table) {
        const name = who?.username ?? "nobody";
        expect(await codeOf(who, document, "🎉"), `${name}, public`).toBe(inPublic);
        expect(await codeOf(who, document, "🎉", secret.id), `${name}, private`).toBe(inPrivate);
      }
    },
  );

  test("is denied to every user for a deleted or missing message", async () => {
    await bob.reacts(message, "🎉");
    await ada.deletes(message);
    const missing = Buffer.from(`Message:${crypto.randomUUID()}`).toString("base64");
    for (const document of [ADD_REACTION, REMOVE_REACTION]) {
      expect(await codeOf(bob, document, "🎉")).toBe("DELETED");
      expect(await codeOf(bob, document, "🎉", missing)).toBe("NOT_FOUND");
    }
    expect(await reactionsOf()).toEqual([]);
  });
});

describe("a valid emoji", () => {
  test.for([
    ["a face", "😀"],
    ["a heart with its variation selector", "❤️"],
    ["a thumb with a skin tone", "👍🏽"],
    ["a flag", "🇨🇭"],
    ["a flag of a region", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"],
    ["a rainbow flag, joined", "🏳️‍🌈"],
    ["a family, joined", "👨‍👩‍👧‍👦"],
    ["a couple with two skin tones", "👩🏻‍❤️‍💋‍👨🏿"],
    ["a profession with a skin tone", "👩🏾‍🚀"],
    ["a keycap", "1️⃣"],
  ] as const)("%s is one", async ([, emoji]) => {
    const { changed } = await bob.reacts(message, emoji);
    expect(changed.reactions).toEqual([{ emoji, count: 1, users: [{ username: "bob" }] }]);
    expect(await reactionsOf()).toEqual(changed.reactions);
  });

  test.for([
    ["an empty text", ""],
    ["a blank", " "],
    ["a word", "yes"],
    ["a digit", "1"],
    ["two emoji", "🎉🎉"],
    ["an emoji and a blank", "🎉 "],
    ["an emoji and a word", "🎉yes"],
    ["half a flag", "🇨"],
    ["a skin tone on a tree", "🌲🏽"],
    ["a joiner without a second part", "👩‍"],
    ["a lone variation selector", "\ufe0f"],
    ["a shortcode", ":tada:"],
    ["markup", "<b>"],
    ["a NUL", "\u0000"],
    ["half a character", "\ud83c"],
    ["a very long text", "🎉".repeat(10_000)],
  ] as const)("%s is not one", async ([, emoji]) => {
    for (const document of [ADD_REACTION, REMOVE_REACTION]) {
      expect(await answerTo(bob, document, emoji)).toMatchObject({
        code: "INVALID_INPUT",
        fields: [{ field: "emoji", code: "INVALID_FORMAT" }],
      });
    }
    expect(await reactionsOf()).toEqual([]);
  });
});

describe("reactions", () => {
  test("are grouped by emoji, first one first, and sent to members", async () => {
    const stream = await listen(bob);
    await bob.reacts(message, "🎉");
    await ada.reacts(message, "👀");
    const { cursor, changed } = await ada.reacts(message, "🎉");
    expect(changed.reactions).toEqual([
      { emoji: "🎉", count: 2, users: [{ username: "bob" }, { username: "ada" }] },
      { emoji: "👀", count: 1, users: [{ username: "ada" }] },
    ]);
    expect(await reactionsOf(message.id, stranger)).toEqual(changed.reactions);
    const events = await eventsOf(stream);
    expect(
      events.map(({ __typename, emoji, user }) => [__typename, emoji, user?.username]),
    ).toEqual([
      ["ReactionAdded", "🎉", "bob"],
      ["ReactionAdded", "👀", "ada"],
      ["ReactionAdded", "🎉", "ada"],
    ]);
    expect(events.at(-1)).toMatchObject({ cursor, message: changed });
  });

  test("can be removed, with an event", async () => {
    await bob.reacts(message, "🎉");
    await ada.reacts(message, "🎉");
    const stream = await listen(bob);
    const { changed } = await bob.unreacts(message, "🎉");
    expect(changed.reactions).toEqual([{ emoji: "🎉", count: 1, users: [{ username: "ada" }] }]);
    await ada.unreacts(message, "🎉");
    expect(await reactionsOf()).toEqual([]);
    const events = await eventsOf(stream);
    expect(events).toMatchObject([
      { __typename: "ReactionRemoved", emoji: "🎉", user: { username: "bob" }, message: changed },
      { __typename: "ReactionRemoved", emoji: "🎉", user: { username: "ada" } },
    ]);
  });

  test("are the same for all spellings of an emoji", async () => {
    for (const heart of ["❤", "❤\ufe0e", "❤\ufe0f"]) await bob.reacts(message, heart);
    const { changed } = await ada.reacts(message, "❤");
    expect(changed.reactions).toEqual([
      { emoji: "❤\ufe0f", count: 2, users: [{ username: "bob" }, { username: "ada" }] },
    ]);
    expect((await bob.unreacts(message, "❤")).changed.reactions).toMatchObject([{ count: 1 }]);
  });

  test("have no effect and send no event if they are repeated, or removed without existing", async () => {
    const stream = await listen(bob);
    await bob.unreacts(message, "🎉");
    await bob.reacts(message, "🎉");
    await bob.reacts(message, "🎉");
    await Promise.all([1, 2, 3, 4].map(() => bob.reacts(message, "👀")));
    await bob.unreacts(message, "🎉");
    await bob.unreacts(message, "🎉");
    expect(await reactionsOf()).toEqual([{ emoji: "👀", count: 1, users: [{ username: "bob" }] }]);
    expect((await eventsOf(stream)).map(({ __typename }) => __typename)).toEqual([
      "ReactionAdded",
      "ReactionAdded",
      "ReactionRemoved",
    ]);
  });

  test("show in replies to the message", async () => {
    const answer = await bob.says(room, "answered", { replyToId: message.id });
    await bob.reacts(message, "🎉");
    expect(
      await ada.query(
        `query($id: ID!) { node(id: $id) { ... on Message { replyTo { reactions { emoji count } } } } }`,
        { id: answer.id },
      ),
    ).toEqual({ node: { replyTo: { reactions: [{ emoji: "🎉", count: 1 }] } } });
  });

  test("are limited in the number of emoji, not of users", async () => {
    const faces = Array.from({ length: 52 }, (_, index) => String.fromCodePoint(0x1f600 + index));
    for (const face of faces.slice(0, 48)) await ada.reacts(message, face);
    const codes = await Promise.all(faces.slice(48).map((face) => codeOf(bob, ADD_REACTION, face)));
    expect(codes.sort()).toEqual(["LIMIT_REACHED", "LIMIT_REACHED", "OK", "OK"]);
    expect(await reactionsOf()).toHaveLength(50);
    expect(await codeOf(bob, ADD_REACTION, faces[0] ?? "")).toBe("OK");
    expect(await codeOf(ada, REMOVE_REACTION, faces[1] ?? "")).toBe("OK");
    expect(await codeOf(bob, ADD_REACTION, "🎉")).toBe("OK");
    expect(await reactionsOf()).toHaveLength(50);
  });

  test("of many users in parallel are all counted, and the last event shows all", async () => {
    const people = Array.from({ length: 24 }, (_, index) => seed.user(`person-${index}`));
    for (const person of people) await person.joins(room);
    const stream = await listen(ada);
    await Promise.all(people.map((person) => person.reacts(message, "🎉")));
    const [group] = await reactionsOf();
    expect(group).toMatchObject({ emoji: "🎉", count: 24 });
    expect(group?.users).toHaveLength(3);
    const events = await eventsOf(stream);
    expect(events).toHaveLength(24);
    expect(new Set(events.map(({ user }) => user?.username)).size).toBe(24);
    expect(events.at(-1)?.message?.reactions).toEqual([group]);
  });
});

describe("viewerReacted", () => {
  const OWN = /* GraphQL */ `
    subscription Own {
      events {
        __typename
        ... on MessageChange {
          message {
            reactions {
              emoji
              viewerReacted
            }
          }
        }
      }
    }
  `;
  interface OwnEvent {
    __typename: string;
    message?: { reactions: { emoji: string; viewerReacted: boolean }[] };
  }

  test("differs for each viewer, also in one subscription of several viewers", async () => {
    const streams = await Promise.all(
      [ada, bob].map(async (who) => {
        const stream = await (await who.client()).subscribe<OwnEvent>({ query: OWN });
        await stream.next(({ __typename }) => __typename === "Ready");
        return stream;
      }),
    );
    const shown = (): Promise<boolean[][]> =>
      Promise.all(
        streams.map(async (stream) => {
          const { message: changed } = await stream.next(
            ({ message: found }) => found !== undefined,
          );
          return changed?.reactions.map(({ viewerReacted }) => viewerReacted) ?? [];
        }),
      );
    await bob.reacts(message, "🎉");
    expect(await shown()).toEqual([[false], [true]]);
    await ada.reacts(message, "👀");
    expect(await shown()).toEqual([
      [false, true],
      [true, false],
    ]);
    await bob.unreacts(message, "🎉");
    expect(await shown()).toEqual([[true], [false]]);
  });

  test("differs for each viewer in a query", async () => {
    await bob.reacts(message, "🎉");
    const query = `query($id: ID!) { node(id: $id) { ... on Message { reactions { viewerReacted } } } }`;
    for (const [who, viewerReacted] of [
      [bob, true],
      [ada, false],
      [stranger, false],
    ] as const) {
      expect(await who.query(query, { id: message.id })).toEqual({
        node: { reactions: [{ viewerReacted }] },
      });
    }
  });
});
