import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { feedTopicOf } from "../../server/domain/follow/feed.ts";
import { PASSWORD } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import type { TypedError } from "../kit/documents.ts";
import {
  FEED_EVENTS,
  FOLLOW,
  MUTE_PERSON,
  RELATIONSHIP,
  TIMELINE,
  UNFOLLOW,
  UNMUTE_PERSON,
  type FeedEvent,
  type PersonPayload,
  type Posts,
  type Relationship,
} from "../kit/follow-documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import type { Subscription } from "../kit/socket.ts";
import { DELETE_ACCOUNT } from "../kit/trust-documents.ts";

let database: TestDatabase;
let server: TestServer;
let seed: Seed;
let ada: Actor;
let bob: Actor;
let cleo: Actor;
let people = 0;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url });
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

/** Returns how a user sees another one. */
async function relationshipOf(person: Actor, who: Actor = ada) {
  const { user, viewer } = await who.query<Relationship>(RELATIONSHIP, {
    username: person.username,
  });
  const names = (list: Relationship["user"]["followers"]) =>
    list.edges.map(({ node }) => node.username);
  return {
    ...user,
    followers: names(user.followers),
    following: names(user.following),
    muted: names(viewer.muted),
  };
}

async function codeOf(who: Actor, document: string, userId: string): Promise<string> {
  const answer = await who.mutate<PersonPayload | TypedError>(document, { input: { userId } });
  return "code" in answer ? answer.code : "OK";
}

async function listen(who: Actor): Promise<Subscription<FeedEvent>> {
  const stream = await (await who.client()).subscribe<FeedEvent>({ query: FEED_EVENTS });
  await stream.next(({ __typename }) => __typename === "Ready");
  return stream;
}

/** Collects all events of a user up to a new post of their own. */
async function eventsOf(who: Actor, stream: Subscription<FeedEvent>): Promise<FeedEvent[]> {
  const { post } = await who.publishes("the end");
  await stream.next((event) => event.post?.id === post.id);
  return stream.all.filter((event) => event.__typename !== "Ready" && event.post?.id !== post.id);
}

async function timelineOf(who: Actor): Promise<string[]> {
  const { viewer } = await who.query<{ viewer: { posts: Posts } }>(TIMELINE, { first: 100 });
  return viewer.posts.edges.map(({ node }) => node.body);
}

describe("following", () => {
  test("updates the counts and lists of both users, as others also see them", async () => {
    const { person, cursor } = await ada.follows(bob);
    expect(person.username).toBe(bob.username);
    expect(cursor).toBeTruthy();
    await cleo.follows(bob);
    expect(await relationshipOf(bob)).toMatchObject({
      followerCount: 2,
      followingCount: 0,
      viewerFollows: true,
      followers: [cleo.username, ada.username],
      following: [],
    });
    expect(await relationshipOf(ada, cleo)).toMatchObject({
      followerCount: 0,
      followingCount: 1,
      viewerFollows: false,
      following: [bob.username],
    });
  });

  test("again, or unfollowing again, has no effect and sends no event", async () => {
    const [own, other] = [await listen(ada), await listen(bob)];
    await ada.follows(bob);
    await ada.follows(bob);
    await ada.unfollows(bob);
    await ada.unfollows(bob);
    expect(await relationshipOf(bob)).toMatchObject({
      followerCount: 0,
      viewerFollows: false,
      followers: [],
    });
    const expected = [
      ["Followed", ada.username, bob.username],
      ["Unfollowed", ada.username, bob.username],
    ];
    for (const [who, stream] of [
      [ada, own],
      [bob, other],
    ] as const) {
      const events = await eventsOf(who, stream);
      expect(
        events.map(({ __typename, follower, followed }) => [
          __typename,
          follower?.username,
          followed?.username,
        ]),
      ).toEqual(expected);
    }
  });

  test("repeatedly in parallel counts once", async () => {
    const codes = await Promise.all(
      Array.from({ length: 10 }, async () => codeOf(ada, FOLLOW, (await bob.signsUp()).user.id)),
    );
    expect(new Set(codes)).toEqual(new Set(["OK"]));
    expect(await relationshipOf(bob)).toMatchObject({
      followerCount: 1,
      followers: [ada.username],
    });
  });

  test("in parallel with unfollowing leaves counts that match the lists", async () => {
    const fans = Array.from({ length: 6 }, (_, number) => seed.user(`fan${people}-${number}`));
    for (const fan of fans) await fan.signsUp();
    await Promise.all(
      fans.flatMap((fan, number) => [
        fan.follows(bob),
        bob.follows(fan),
        ...(number % 2 === 0 ? [fan.unfollows(bob), bob.unfollows(fan)] : []),
      ]),
    );
    const { followerCount, followingCount, followers, following } = await relationshipOf(bob);
    expect(followerCount).toBe(followers.length);
    expect(followingCount).toBe(following.length);
    const rows = await database.query(
      `SELECT 1 FROM "FollowCounts" c WHERE c.followers <> (SELECT count(*) FROM "Follow" WHERE "followedId" = c."userId")
          OR c.following <> (SELECT count(*) FROM "Follow" WHERE "followerId" = c."userId")`,
    );
    expect(rows).toEqual([]);
  });

  test("oneself, or users who do not exist, is rejected", async () => {
    const { user } = await ada.signsUp();
    const missing = Buffer.from(`User:${randomUUID()}`).toString("base64");
    expect(await codeOf(ada, FOLLOW, user.id)).toBe("INVALID_INPUT");
    expect(await codeOf(ada, MUTE_PERSON, user.id)).toBe("INVALID_INPUT");
    for (const document of [UNFOLLOW, UNMUTE_PERSON]) {
      expect(await codeOf(ada, document, user.id)).toBe("OK");
    }
    for (const document of [FOLLOW, UNFOLLOW, MUTE_PERSON, UNMUTE_PERSON]) {
      expect(await codeOf(ada, document, missing)).toBe("NOT_FOUND");
    }
  });

  test("has a limit", async () => {
    const { user } = await ada.signsUp();
    const uuid = Buffer.from(user.id, "base64").toString().split(":")[1];
    await ada.follows(bob);
    await database.query(`UPDATE "FollowCounts" SET following = 5000 WHERE "userId" = $1`, [uuid]);
    expect(await codeOf(ada, FOLLOW, (await cleo.signsUp()).user.id)).toBe("LIMIT_REACHED");
    expect(await codeOf(ada, FOLLOW, (await bob.signsUp()).user.id)).toBe("OK");
  });

  test("lists followers in pages", async () => {
    const fans = Array.from({ length: 5 }, (_, number) => seed.user(`page${people}-${number}`));
    for (const fan of fans) await fan.follows(bob);
    const names: string[] = [];
    let after: string | null = null;
    do {
      const { user }: FollowerPage = await ada.query<FollowerPage>(
        `query($username: String!, $after: String) { user(username: $username) {
           followers(first: 2, after: $after) { edges { node { username } } pageInfo { hasNextPage endCursor } } } }`,
        { username: bob.username, after },
      );
      names.push(...user.followers.edges.map(({ node }) => node.username));
      after = user.followers.pageInfo.hasNextPage ? user.followers.pageInfo.endCursor : null;
    } while (after !== null);
    expect(names).toEqual(fans.map(({ username }) => username).reverse());
  });
});

interface FollowerPage {
  user: {
    followers: {
      edges: { node: { username: string } }[];
      pageInfo: { hasNextPage: boolean; endCursor: string | null };
    };
  };
}

describe("muting", () => {
  test("removes a user's posts from timeline and stream until it ends", async () => {
    await ada.follows(bob);
    await bob.publishes("before");
    const stream = await listen(ada);
    await ada.mutes(bob);
    await bob.publishes("meanwhile");
    expect(await timelineOf(ada)).toEqual([]);
    expect(await relationshipOf(bob)).toMatchObject({
      viewerMutes: true,
      viewerFollows: true,
      muted: [bob.username],
    });
    await ada.unmutes(bob);
    await bob.publishes("after");
    expect(await timelineOf(ada)).toEqual(["after", "meanwhile", "before"]);
    const events = await eventsOf(ada, stream);
    expect(events.map(({ __typename, post }) => [__typename, post?.body])).toEqual([
      ["PersonMuted", undefined],
      ["PersonUnmuted", undefined],
      ["PostPublished", "after"],
    ]);
  });

  test("is visible neither to the muted user nor to others", async () => {
    await ada.follows(bob);
    const stream = await listen(bob);
    await ada.mutes(bob);
    await ada.unmutes(bob);
    await ada.mutes(bob);
    expect(await eventsOf(bob, stream)).toEqual([]);
    expect(await relationshipOf(bob, bob)).toMatchObject({
      followerCount: 1,
      viewerMutes: false,
      muted: [],
    });
    expect(await relationshipOf(bob, cleo)).toMatchObject({ viewerMutes: false, muted: [] });
  });

  test("survives following and unfollowing", async () => {
    const stream = await listen(ada);
    await ada.mutes(bob);
    await ada.mutes(bob);
    await ada.follows(bob);
    await bob.publishes("unheard");
    await ada.unfollows(bob);
    await ada.unmutes(bob);
    await bob.publishes("not followed");
    expect(await timelineOf(ada)).toEqual([]);
    expect((await eventsOf(ada, stream)).map(({ __typename }) => __typename)).toEqual([
      "PersonMuted",
      "Followed",
      "Unfollowed",
      "PersonUnmuted",
    ]);
  });
});

test("deleting an account removes its posts and all follows", async () => {
  await ada.follows(bob);
  await bob.follows(ada);
  await cleo.follows(bob);
  await cleo.follows(ada);
  const { post } = await bob.publishes("my last words");
  const { user } = await bob.signsUp();
  await bob.mutate(DELETE_ACCOUNT, { input: { password: PASSWORD } });
  expect(await relationshipOf(ada, cleo)).toMatchObject({
    followerCount: 1,
    followingCount: 0,
    followers: [cleo.username],
    following: [],
  });
  expect(await relationshipOf(cleo)).toMatchObject({
    followingCount: 1,
    following: [ada.username],
  });
  expect(await timelineOf(ada)).toEqual([]);
  expect(await ada.query(`query($id: ID!) { node(id: $id) { id } }`, { id: post.id })).toEqual({
    node: null,
  });
  const rows = await database.query<{ text: string }>(`SELECT p::text AS text FROM "Post" p`);
  expect(rows.map(({ text }) => text).join("\n")).not.toContain("my last words");
  expect(await codeOf(ada, FOLLOW, user.id)).toBe("NOT_FOUND");
});

test("a feed's topic is a stable UUID that differs from the user's id", () => {
  const [one, other] = [randomUUID(), randomUUID()];
  expect(feedTopicOf(one)).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(feedTopicOf(one)).toBe(feedTopicOf(one));
  expect(new Set([one, other, feedTopicOf(one), feedTopicOf(other)]).size).toBe(4);
});
