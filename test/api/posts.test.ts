import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import type { TypedError } from "../kit/documents.ts";
import {
  DELETE_POST,
  FEED_EVENTS,
  POSTS_OF,
  PUBLISH,
  TIMELINE,
  type DeletePostResult,
  type FeedEvent,
  type Posts,
  type PublishResult,
} from "../kit/follow-documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let database: TestDatabase;
let server: TestServer;
let seed: Seed;
let ada: Actor;
let bob: Actor;
let cleo: Actor;
let people = 0;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url, env: { MESSAGE_MAX_LENGTH: "100" } });
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

type Page = Partial<Record<"first" | "last", number> & Record<"after" | "before", string>>;

async function timelineOf(who: Actor, page: Page = { first: 100 }): Promise<Posts> {
  return (await who.query<{ viewer: { posts: Posts } }>(TIMELINE, { ...page })).viewer.posts;
}

async function postsOf(author: Actor, who: Actor, page: Page = { first: 100 }): Promise<Posts> {
  const variables = { username: author.username, ...page };
  return (await who.query<{ user: { posts: Posts } }>(POSTS_OF, variables)).user.posts;
}

const texts = ({ edges }: Posts): string[] => edges.map(({ node }) => node.body);

async function answerOf<T extends { __typename: string }>(
  who: Actor,
  document: string,
  input: Record<string, unknown>,
): Promise<T | TypedError> {
  return who.mutate<T | TypedError>(document, { input });
}

describe("publishing", () => {
  test("reaches followers and the author", async () => {
    await ada.follows(bob);
    const { post } = await bob.publishes("hello, everybody");
    expect(post).toMatchObject({ body: "hello, everybody", author: { username: bob.username } });
    for (const who of [ada, bob]) {
      expect((await timelineOf(who)).edges.map(({ node }) => node)).toEqual([post]);
    }
    expect(texts(await timelineOf(cleo))).toEqual([]);
    for (const who of [ada, bob, cleo]) {
      expect((await postsOf(bob, who)).edges.map(({ node }) => node)).toEqual([post]);
      expect(
        await who.query(`query($id: ID!) { node(id: $id) { __typename id } }`, { id: post.id }),
      ).toEqual({ node: { __typename: "Post", id: post.id } });
    }
  });

  test("again with the same clientId creates no second post, even with a different text", async () => {
    await ada.follows(bob);
    const clientId = randomUUID();
    const answers = [
      await bob.publishes("first", { clientId }),
      await bob.publishes("first", { clientId: clientId.toUpperCase() }),
      await bob.publishes("second", { clientId }),
      ...(await Promise.all(
        Array.from({ length: 20 }, () => bob.publishes("at once", { clientId })),
      )),
    ];
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(texts(await timelineOf(ada))).toEqual(["first"]);
    const at = randomUUID();
    const race = await Promise.all(
      Array.from({ length: 20 }, (_, number) => bob.publishes(`race ${number}`, { clientId: at })),
    );
    expect(new Set(race.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(texts(await timelineOf(ada))).toEqual([race[0]?.post.body, "first"]);
    const other = await cleo.publishes("theirs", { clientId });
    expect(other.post.body).toBe("theirs");
  });

  test.for([
    ["an empty text", "", "REQUIRED"],
    ["whitespace", " \n ", "REQUIRED"],
    ["a text that is too long", "x".repeat(101), "TOO_LONG"],
    ["a NUL", "a\u0000b", "INVALID_FORMAT"],
    ["half a character", "a\ud800", "INVALID_FORMAT"],
  ] as const)("%s is rejected", async ([, body, code]) => {
    expect(await answerOf<PublishResult>(bob, PUBLISH, { body })).toMatchObject({
      code: "INVALID_INPUT",
      fields: [{ field: "body", code, message: expect.stringContaining("post") }],
    });
    expect(texts(await postsOf(bob, bob))).toEqual([]);
  });
});

describe("a timeline", () => {
  test("contains the posts of all followed users, newest first, paged in both directions", async () => {
    const authors = Array.from({ length: 4 }, (_, number) =>
      seed.user(`author${people}-${number}`),
    );
    for (const author of authors) await ada.follows(author);
    const expected: string[] = [];
    for (let number = 0; number < 14; number += 1) {
      // One author publishes much more than the others.
      const author = authors[number % 3 === 0 ? number % 4 : 0] ?? bob;
      expected.unshift((await author.publishes(`post ${number}`)).post.body);
      if (number % 5 === 0) expected.unshift((await ada.publishes(`own ${number}`)).post.body);
      await bob.publishes("by nobody whom she follows");
    }
    expect(texts(await timelineOf(ada))).toEqual(expected);
    const forward: string[] = [];
    for (let page = await timelineOf(ada, { first: 4 }); ;) {
      forward.push(...texts(page));
      if (!page.pageInfo.hasNextPage || page.pageInfo.endCursor === null) break;
      page = await timelineOf(ada, { first: 4, after: page.pageInfo.endCursor });
    }
    expect(forward).toEqual(expected);
    const backward: string[] = [];
    for (let page = await timelineOf(ada, { last: 3 }); ;) {
      backward.unshift(...texts(page));
      if (!page.pageInfo.hasPreviousPage || page.pageInfo.startCursor === null) break;
      page = await timelineOf(ada, { last: 3, before: page.pageInfo.startCursor });
    }
    expect(backward).toEqual(expected);
  });

  test("contains posts from before the follow, and none after unfollowing", async () => {
    await bob.publishes("old");
    await ada.follows(bob);
    await bob.publishes("new");
    expect(texts(await timelineOf(ada))).toEqual(["new", "old"]);
    await ada.unfollows(bob);
    expect(texts(await timelineOf(ada))).toEqual([]);
  });

  test("rejects cursors of other lists", async () => {
    for (const after of ["nonsense", Buffer.from('["a"]').toString("base64url")]) {
      await expect(timelineOf(ada, { first: 1, after })).rejects.toThrow("BAD_USER_INPUT");
    }
  });
});

describe("deleting a post", () => {
  test("removes it and its text everywhere", async () => {
    await ada.follows(bob);
    const { viewer } = await ada.query<{ viewer: { cursor: string } }>("{ viewer { cursor } }");
    const clientId = randomUUID();
    const { post } = await bob.publishes("a secret", { clientId });
    await bob.publishes("another");
    await bob.deletesPost(post);
    for (const who of [ada, bob]) {
      expect(texts(await timelineOf(who))).toEqual(["another"]);
      expect(texts(await postsOf(bob, who))).toEqual(["another"]);
      expect(await who.query(`query($id: ID!) { node(id: $id) { id } }`, { id: post.id })).toEqual({
        node: null,
      });
    }
    const rows = await database.query<{ text: string }>(
      `SELECT p::text AS text FROM "Post" p UNION ALL SELECT e::text FROM "Event" e`,
    );
    expect(rows.map(({ text }) => text).join("\n")).not.toContain("a secret");
    // A replay from memory contains only the deletion of the post.
    const stream = await (
      await ada.client()
    ).subscribe<FeedEvent>({ query: FEED_EVENTS, variables: { after: viewer.cursor } });
    await stream.next(({ __typename }) => __typename === "PostDeleted");
    expect(stream.all.map((event) => [event.__typename, event.post?.body ?? event.postId])).toEqual(
      [
        ["Ready", undefined],
        ["PostPublished", "another"],
        ["PostDeleted", post.id],
      ],
    );
    expect(JSON.stringify(stream.all)).not.toContain("a secret");
    // A repeated publish with its clientId does not restore it.
    expect(
      await answerOf<PublishResult>(bob, PUBLISH, { body: "a secret", clientId }),
    ).toMatchObject({
      code: "DELETED",
    });
    expect(texts(await timelineOf(ada))).toEqual(["another"]);
  });

  test("is for the author; repeating it has no effect", async () => {
    await ada.follows(bob);
    const { post } = await bob.publishes("mine");
    const input = { postId: post.id };
    for (const who of [ada, cleo]) {
      expect(await answerOf<DeletePostResult>(who, DELETE_POST, input)).toMatchObject({
        code: "NOT_ALLOWED",
      });
    }
    const before = await answerOf<DeletePostResult>(bob, DELETE_POST, input);
    expect(before).toMatchObject({ __typename: "DeletePostPayload", deletedPostId: post.id });
    expect(await answerOf<DeletePostResult>(bob, DELETE_POST, input)).toMatchObject({
      __typename: "DeletePostPayload",
    });
    expect(await answerOf<DeletePostResult>(ada, DELETE_POST, input)).toMatchObject({
      code: "NOT_FOUND",
    });
    const missing = Buffer.from(`Post:${randomUUID()}`).toString("base64");
    expect(await answerOf<DeletePostResult>(bob, DELETE_POST, { postId: missing })).toMatchObject({
      code: "NOT_FOUND",
    });
    const events = await database.query(
      `SELECT 1 FROM "Event" WHERE type = 'POST_DELETED' AND payload ->> 'postId' = $1`,
      [Buffer.from(post.id, "base64").toString().split(":")[1]],
    );
    expect(events).toHaveLength(1);
  });
});
