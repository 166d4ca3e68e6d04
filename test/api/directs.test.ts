import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PASSWORD } from "../kit/client.ts";
import { createDatabase } from "../kit/database.ts";
import {
  EVENTS,
  LEAVE_ROOM,
  JOIN_ROOM,
  SEND_MESSAGE,
  type SendMessageResult,
  type TypedError,
} from "../kit/documents.ts";
import {
  DIRECTS,
  OPEN_DIRECT,
  type Direct,
  type Directs,
  type OpenDirectResult,
} from "../kit/direct-documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { DELETE_ACCOUNT } from "../kit/trust-documents.ts";
import { startInProcess } from "../realtime/in-process.ts";
import { countStatements } from "./statements.ts";

const MAX = 5;

let server: TestServer;
let seed: Seed;
let ada: Actor;
let bob: Actor;
let cleo: Actor;
let people = 0;

beforeAll(async () => {
  const database = await createDatabase();
  server = await startServer({
    databaseUrl: database.url,
    env: { DIRECT_MAX_PEOPLE: String(MAX) },
  });
  seed = seedOn(server);
});

beforeEach(async () => {
  people += 1;
  [ada, bob, cleo] = [
    seed.user(`ada${people}`),
    seed.user(`bob${people}`),
    seed.user(`cleo${people}`),
  ];
  for (const person of [ada, bob, cleo]) await person.signsUp();
});

async function listOf(
  who: Actor,
): Promise<Directs["viewer"]["conversations"]["edges"][0]["node"][]> {
  const { viewer } = await who.query<Directs>(DIRECTS);
  return viewer.conversations.edges.map(({ node }) => node);
}

const names = (persons: readonly { username: string }[]): string[] =>
  persons.map(({ username }) => username).sort();

async function codeOf(who: Actor, userIds: string[]): Promise<string> {
  const answer = await who.mutate<OpenDirectResult>(OPEN_DIRECT, { input: { userIds } });
  return "code" in answer ? answer.code : "OK";
}

const idOf = async (person: Actor): Promise<string> => (await person.signsUp()).user.id;

async function listen(who: Actor, after?: string) {
  const variables = after === undefined ? {} : { after };
  const stream = await (await who.client()).subscribe({ query: EVENTS, variables });
  await stream.next(({ __typename }) => __typename === "Ready");
  return stream;
}

/** Collects the events of a conversation up to a new message in the user's own room. */
async function eventsOf(who: Actor, stream: Awaited<ReturnType<typeof listen>>, id: string) {
  const bell = await who.createsRoom(`Bell ${randomUUID()}`);
  await stream.next(
    (event) => event.__typename === "RoomCreated" && event.conversationId === bell.id,
  );
  return stream.all.filter((event) => "conversationId" in event && event.conversationId === id);
}

describe("opening a direct conversation", () => {
  test("finds or creates the one conversation of exactly these users", async () => {
    const first = await ada.opensDirect(bob);
    expect(first).toMatchObject({ kind: "DIRECT", lastSeq: 0 });
    expect(names(first.participants)).toEqual([ada.username, bob.username]);
    for (const again of [
      await ada.opensDirect(bob),
      await ada.opensDirect(bob, ada, bob),
      await bob.opensDirect(ada),
      await bob.opensDirect(bob, ada),
    ]) {
      expect(again).toEqual(first);
    }
    const group = await ada.opensDirect(bob, cleo);
    expect(names(group.participants)).toEqual([ada.username, bob.username, cleo.username]);
    expect(group.id).not.toBe(first.id);
    expect(await cleo.opensDirect(bob, ada)).toEqual(group);
    const other = await ada.opensDirect(cleo);
    expect(new Set([first.id, group.id, other.id]).size).toBe(3);
  });

  test("with oneself is a notebook, however it is requested", async () => {
    const notebook = await ada.opensDirect();
    expect(names(notebook.participants)).toEqual([ada.username]);
    expect(await ada.opensDirect(ada)).toEqual(notebook);
    expect((await bob.opensDirect()).id).not.toBe(notebook.id);
    const { seq } = await ada.says(notebook, "buy milk");
    expect(seq).toBe(1);
    expect(await listOf(ada)).toMatchObject([
      { id: notebook.id, lastSeq: 1, unreadCount: 0, lastMessage: { body: "buy milk" } },
    ]);
    expect(await listOf(bob)).toMatchObject([{ lastSeq: 0 }]);
  });

  test("is rejected with too many users, and with users who do not exist", async () => {
    const crowd = await Promise.all(
      Array.from({ length: MAX }, (_, number) => idOf(seed.user(`crowd${people}-${number}`))),
    );
    expect(await ada.mutate<TypedError>(OPEN_DIRECT, { input: { userIds: crowd } })).toMatchObject({
      code: "INVALID_INPUT",
      fields: [{ field: "userIds", code: "TOO_LONG" }],
    });
    expect(await codeOf(ada, crowd.slice(1))).toBe("OK");
    expect(await codeOf(ada, [...crowd.slice(1), ...crowd.slice(1)])).toBe("OK");
    const missing = Buffer.from(`User:${randomUUID()}`).toString("base64");
    expect(await codeOf(ada, [missing])).toBe("NOT_FOUND");
    expect(await codeOf(ada, [await idOf(bob), missing])).toBe("NOT_FOUND");
    expect((await listOf(ada)).length).toBe(1);
    expect(await ada.query("{ server { limits { directPeople } } }")).toEqual({
      server: { limits: { directPeople: MAX } },
    });
  });
});

describe("the first message", () => {
  test("adds the conversation to the others' lists, live", async () => {
    const [own, other] = [await listen(ada), await listen(bob)];
    const direct = await ada.opensDirect(bob);
    expect((await listOf(ada)).map(({ id, members }) => [id, members.edges.length])).toEqual([
      [direct.id, 1],
    ]);
    expect(await listOf(bob)).toEqual([]);
    expect(await eventsOf(bob, other, direct.id)).toEqual([]);
    await ada.says(direct, "hello");
    await ada.says(direct, "are you there?");
    const joined = (who: Actor) => ({
      __typename: "MemberJoined",
      membership: { user: { username: who.username } },
    });
    const said = (body: string) => ({ __typename: "MessageSent", message: { body } });
    expect(await eventsOf(bob, other, direct.id)).toMatchObject([
      joined(bob),
      said("hello"),
      said("are you there?"),
    ]);
    expect(await eventsOf(ada, own, direct.id)).toMatchObject([
      joined(ada),
      joined(bob),
      said("hello"),
      said("are you there?"),
    ]);
    for (const [who, unreadCount] of [
      [ada, 0],
      [bob, 2],
    ] as const) {
      const [node] = await listOf(who);
      expect(node).toMatchObject({
        __typename: "DirectConversation",
        id: direct.id,
        lastSeq: 2,
        unreadCount,
        lastMessage: { body: "are you there?" },
        viewerMembership: { role: "MEMBER" },
      });
      expect(names(node?.members.edges.map(({ node: { user } }) => user) ?? [])).toEqual([
        ada.username,
        bob.username,
      ]);
    }
  });

  test("sent several times in parallel adds the conversation once", async () => {
    const streams = await Promise.all([ada, bob, cleo].map((who) => listen(who)));
    const group = await ada.opensDirect(bob, cleo);
    await bob.opensDirect(ada, cleo);
    await Promise.all(
      Array.from({ length: 10 }, (_, number) => (number % 2 === 0 ? ada : bob).says(group, "hi")),
    );
    for (const [index, who] of [ada, bob, cleo].entries()) {
      const stream = streams[index];
      if (!stream) throw new Error("no stream");
      const events = await eventsOf(who, stream, group.id);
      const own = events.findIndex(
        (event) =>
          event.__typename === "MemberJoined" && event.membership.user.username === who.username,
      );
      expect(own).toBe(0);
      expect(events.filter(({ __typename }) => __typename === "MessageSent")).toHaveLength(10);
      const [node] = await listOf(who);
      expect(node).toMatchObject({ id: group.id, lastSeq: 10 });
      expect(node?.members.edges).toHaveLength(3);
    }
  });

  test("mentions users who did not have the conversation yet", async () => {
    const direct = await ada.opensDirect(bob);
    await ada.says(direct, `are you there, @${bob.username}?`);
    expect(
      await bob.query(
        `{ viewer { unread { mentions } mentions(first: 5) { edges { node { body } } } } }`,
      ),
    ).toMatchObject({
      viewer: {
        unread: { mentions: 1 },
        mentions: { edges: [{ node: { body: `are you there, @${bob.username}?` } }] },
      },
    });
  });

  test("adds the conversation to no list when it is rejected", async () => {
    const direct = await ada.opensDirect(bob);
    const input = { conversationId: direct.id, body: "" };
    expect(await ada.mutate<SendMessageResult>(SEND_MESSAGE, { input })).toMatchObject({
      code: "INVALID_INPUT",
    });
    const replyToId = (await ada.says(await ada.opensDirect(), "elsewhere")).id;
    const answer = { conversationId: direct.id, body: "an answer to nothing here", replyToId };
    expect(await ada.mutate<SendMessageResult>(SEND_MESSAGE, { input: answer })).toMatchObject({
      code: "NOT_FOUND",
    });
    // Neither a non-participant nor a participant who has not opened it can start it.
    for (const who of [bob, cleo]) {
      const said = { conversationId: direct.id, body: "psst" };
      expect(await who.mutate<SendMessageResult>(SEND_MESSAGE, { input: said })).toMatchObject({
        code: "NOT_FOUND",
      });
    }
    expect(await listOf(bob)).toEqual([]);
    expect((await listOf(ada)).find(({ id }) => id === direct.id)?.members.edges).toHaveLength(1);
  });
});

describe("a direct conversation", () => {
  test("can be neither left nor joined", async () => {
    const direct = await ada.opensDirect(bob);
    await ada.says(direct, "hello");
    for (const [who, document] of [
      [bob, LEAVE_ROOM],
      [ada, LEAVE_ROOM],
      [cleo, JOIN_ROOM],
    ] as const) {
      const answer = await who.mutate<TypedError>(document, { input: { roomId: direct.id } });
      expect(answer).toMatchObject({ code: "NOT_FOUND" });
    }
    expect(await listOf(bob)).toHaveLength(1);
  });

  test("is hidden from others, with its messages, members and events", async () => {
    const { cursor } = await cleo.signsUp();
    const stream = await listen(cleo);
    const direct = await ada.opensDirect(bob);
    const message = await ada.says(direct, "between us");
    const [membership] = (
      await ada.query<{ node: { members: { edges: { node: { id: string } }[] } } }>(
        `query($id: ID!) { node(id: $id) { ... on Conversation { members { edges { node { id } } } } } }`,
        { id: direct.id },
      )
    ).node.members.edges;
    expect(
      await cleo.query(`query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, {
        ids: [direct.id, message.id, membership?.node.id],
      }),
    ).toEqual({ nodes: [null, null, null] });
    expect(await cleo.query(`{ rooms { edges { node { id } } } }`)).not.toMatchObject({
      rooms: { edges: expect.arrayContaining([{ node: { id: direct.id } }]) },
    });
    expect(await eventsOf(cleo, stream, direct.id)).toEqual([]);
    const replay = await listen(cleo, cursor);
    expect(await eventsOf(cleo, replay, direct.id)).toEqual([]);
    expect(JSON.stringify([stream.all, replay.all])).not.toContain("between us");
    for (const [what, change] of [
      ["react", () => cleo.reacts(message, "🎉")],
      ["delete", () => cleo.deletes(message)],
      ["pin", () => cleo.pins(message)],
    ] as const) {
      await expect(change(), what).rejects.toThrow("NOT_FOUND");
    }
  });

  test("gives all participants equal rights: all may pin and react, authors may edit and delete", async () => {
    const direct = await ada.opensDirect(bob);
    const message = await ada.says(direct, "hello");
    await bob.pins(message);
    await ada.unpins(message);
    await bob.reacts(message, "🎉");
    await ada.edits(message, "hello, you");
    await expect(bob.edits(message, "mine")).rejects.toThrow("NOT_ALLOWED");
    await expect(bob.deletes(message)).rejects.toThrow("NOT_ALLOWED");
    await ada.deletes(message);
    expect((await listOf(bob))[0]?.lastMessage).toEqual({ body: "" });
  });
});

describe("users with deleted accounts", () => {
  const leave = (who: Actor): Promise<unknown> =>
    who.mutate(DELETE_ACCOUNT, { input: { password: PASSWORD } });

  test("cannot be contacted, and their earlier messages stay", async () => {
    const direct = await ada.opensDirect(bob);
    await ada.says(direct, "hello");
    await bob.says(direct, "goodbye");
    const id = await idOf(bob);
    await leave(bob);
    expect(await codeOf(ada, [id])).toBe("NOT_FOUND");
    expect(await codeOf(cleo, [id])).toBe("NOT_FOUND");
    const [node] = await listOf(ada);
    expect(node).toMatchObject({ id: direct.id, lastMessage: { body: "goodbye" } });
    expect(node?.participants).toHaveLength(2);
    expect(node?.members.edges).toHaveLength(1);
  });

  test("do not become members with the first message of a conversation", async () => {
    const group = await ada.opensDirect(bob, cleo);
    await leave(bob);
    await ada.says(group, "hello");
    const [node] = await listOf(cleo);
    expect(node).toMatchObject({ id: group.id, lastSeq: 1 });
    expect(names(node?.members.edges.map(({ node: { user } }) => user) ?? [])).toEqual([
      ada.username,
      cleo.username,
    ]);
  });
});

test("a list with direct conversations costs a constant number of statements", async () => {
  const statements = countStatements();
  const alone = seedOn(await startInProcess());
  const reader = alone.user("reader");
  const cost = async (conversations: number): Promise<number> => {
    const costs: number[] = [];
    // Background statements of the instance can only add to the count, so the minimum is the cost of the
    // query.
    for (let turn = 0; turn < 5; turn += 1) {
      statements.clear();
      const { viewer } = await reader.query<{ viewer: { conversations: { edges: unknown[] } } }>(
        `{ viewer { conversations(first: 100) { edges { node { id unreadCount
             lastMessage { body author { username } }
             ... on DirectConversation { participants { username } } ... on Room { name } } } } } }`,
      );
      costs.push(statements.texts.length);
      expect(viewer.conversations.edges).toHaveLength(conversations);
    }
    return Math.min(...costs);
  };
  const open = async (...others: string[]): Promise<Direct> => {
    const direct = await reader.opensDirect(...others.map((name) => alone.user(name)));
    await reader.says(direct, "hello");
    return direct;
  };
  await open("one");
  const ofOne = await cost(2);
  await open("two");
  await open("one", "two");
  await open("one", "two", "three", "four");
  await open();
  expect(await cost(6)).toBe(ofOne);
  expect(ofOne).toBeLessThanOrEqual(12);
});
