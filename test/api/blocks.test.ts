import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PASSWORD } from "../kit/client.ts";
import { createDatabase } from "../kit/database.ts";
import { SEND_MESSAGE, type SendMessageResult, type TypedError } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import {
  BLOCK_PERSON,
  OPEN_DIRECT,
  UNBLOCK_PERSON,
  type Direct,
  type OpenDirectResult,
} from "../kit/direct-documents.ts";
import {
  DELETE_POST,
  FOLLOW,
  POSTS_OF,
  type PersonPayload,
  type Posts,
} from "../kit/follow-documents.ts";
import { DELETE_ACCOUNT } from "../kit/trust-documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer } from "../kit/server.ts";

const EVENTS = /* GraphQL */ `
  subscription BlockEvents {
    events {
      __typename
      cursor
      ... on PersonBlocked {
        person {
          username
        }
      }
      ... on PersonUnblocked {
        person {
          username
        }
      }
      ... on Unfollowed {
        follower {
          username
        }
      }
      ... on PostPublished {
        post {
          body
        }
      }
    }
  }
`;
interface BlockEvent {
  __typename: string;
  cursor: string;
  person?: { username: string };
  follower?: { username: string };
  post?: { body: string };
}

let seed: Seed;
let ada: Actor;
let bob: Actor;
let cleo: Actor;
let people = 0;

beforeAll(async () => {
  const server = await startServer({ databaseUrl: (await createDatabase()).url });
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

const idOf = async (person: Actor): Promise<string> => (await person.signsUp()).user.id;

async function sendCode(who: Actor, direct: Pick<Direct, "id">): Promise<string> {
  const input = { conversationId: direct.id, body: "hello", clientId: randomUUID() };
  const answer = await who.mutate<SendMessageResult>(SEND_MESSAGE, { input });
  return "code" in answer ? answer.code : "OK";
}

async function openCode(who: Actor, ...others: Actor[]): Promise<string> {
  const input = { userIds: await Promise.all(others.map(idOf)) };
  const answer = await who.mutate<OpenDirectResult>(OPEN_DIRECT, { input });
  return "code" in answer ? answer.code : "OK";
}

async function doesTo(who: Actor, document: string, userId: string): Promise<string> {
  const answer = await who.mutate<PersonPayload | TypedError>(document, { input: { userId } });
  return "code" in answer ? answer.code : "OK";
}

async function blockedBy(who: Actor): Promise<string[]> {
  const { viewer } = await who.query<{
    viewer: { blocked: { edges: { node: { username: string; viewerBlocks: boolean } }[] } };
  }>("{ viewer { blocked(first: 10) { edges { node { username viewerBlocks } } } } }");
  expect(viewer.blocked.edges.every(({ node }) => node.viewerBlocks)).toBe(true);
  return viewer.blocked.edges.map(({ node }) => node.username);
}

async function postsOf(author: Actor, who: Actor): Promise<string[]> {
  const variables = { username: author.username, first: 10 };
  const { user } = await who.query<{ user: { posts: Posts } }>(POSTS_OF, variables);
  return user.posts.edges.map(({ node }) => node.body);
}

async function listen(who: Actor) {
  const stream = await (await who.client()).subscribe<BlockEvent>({ query: EVENTS });
  await stream.next(({ __typename }) => __typename === "Ready");
  return stream;
}

/** Collects all events of a user up to a new post of their own. */
async function eventsOf(who: Actor, stream: Awaited<ReturnType<typeof listen>>) {
  await who.publishes("the end");
  await stream.next((event) => event.post?.body === "the end");
  return stream.all
    .slice(1, -1)
    .map(({ __typename, person, follower, post }) => [
      __typename,
      person?.username ?? follower?.username ?? post?.body,
    ]);
}

describe("a block between two users", () => {
  test("stops messages in both directions until it is lifted", async () => {
    const direct = await ada.opensDirect(bob);
    expect(await sendCode(ada, direct)).toBe("OK");
    await bob.blocks(ada);
    for (const who of [ada, bob]) {
      expect(await sendCode(who, direct), who.username).toBe("BLOCKED");
    }
    await bob.unblocks(ada);
    for (const who of [ada, bob]) expect(await sendCode(who, direct)).toBe("OK");
  });

  test("lasts until both users have unblocked each other", async () => {
    const direct = await ada.opensDirect(bob);
    await ada.says(direct, "hello");
    await bob.blocks(ada);
    await ada.blocks(bob);
    await bob.unblocks(ada);
    expect(await sendCode(bob, direct)).toBe("BLOCKED");
    await ada.unblocks(bob);
    expect(await sendCode(bob, direct)).toBe("OK");
  });

  test("prevents opening their conversation, even one that already exists", async () => {
    await ada.opensDirect(bob);
    await bob.blocks(ada);
    expect(await openCode(ada, bob)).toBe("BLOCKED");
    expect(await openCode(bob, ada)).toBe("BLOCKED");
    expect(await openCode(cleo, ada)).toBe("OK");
    await bob.unblocks(ada);
    expect(await openCode(bob, ada)).toBe("OK");
  });

  test("stops the first message of an opened conversation, which stays off the other user's list", async () => {
    const direct = await ada.opensDirect(bob);
    await bob.blocks(ada);
    expect(await sendCode(ada, direct)).toBe("BLOCKED");
    const list = "{ viewer { conversations(kind: DIRECT) { edges { node { id } } } } }";
    expect(await bob.query(list)).toEqual({ viewer: { conversations: { edges: [] } } });
    await bob.unblocks(ada);
    expect(await sendCode(ada, direct)).toBe("OK");
    expect(await bob.query(list)).toEqual({
      viewer: { conversations: { edges: [{ node: { id: direct.id } }] } },
    });
  });

  test("ends follows in both directions, and hides posts from both", async () => {
    await ada.follows(bob);
    await bob.follows(ada);
    await cleo.follows(bob);
    const { post } = await bob.publishes("to my followers");
    await ada.blocks(bob);
    const counts = `query($username: String!) { user(username: $username) { followerCount followingCount viewerFollows } }`;
    expect(await ada.query(counts, { username: bob.username })).toEqual({
      user: { followerCount: 1, followingCount: 0, viewerFollows: false },
    });
    expect(await bob.query(counts, { username: ada.username })).toEqual({
      user: { followerCount: 0, followingCount: 0, viewerFollows: false },
    });
    expect(await postsOf(bob, ada)).toEqual([]);
    expect(await postsOf(bob, cleo)).toEqual(["to my followers"]);
    const node = `query($id: ID!) { node(id: $id) { id } }`;
    expect(await ada.query(node, { id: post.id })).toEqual({ node: null });
    expect(await cleo.query(node, { id: post.id })).toEqual({ node: { id: post.id } });
    const input = { postId: post.id };
    expect(await ada.mutate<TypedError>(DELETE_POST, { input })).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await doesTo(ada, FOLLOW, await idOf(bob))).toBe("BLOCKED");
    expect(await doesTo(bob, FOLLOW, await idOf(ada))).toBe("BLOCKED");
    await ada.unblocks(bob);
    expect(await postsOf(bob, ada)).toEqual(["to my followers"]);
    expect(await doesTo(ada, FOLLOW, await idOf(bob))).toBe("OK");
  });

  test("sends an event only to the blocking user; the blocked user receives only the end of the follow", async () => {
    await bob.follows(ada);
    const [own, other, third] = [await listen(ada), await listen(bob), await listen(cleo)];
    await ada.blocks(bob);
    await ada.blocks(bob);
    await ada.unblocks(bob);
    await ada.unblocks(bob);
    expect(await eventsOf(ada, own)).toEqual([
      ["PersonBlocked", bob.username],
      ["Unfollowed", bob.username],
      ["PersonUnblocked", bob.username],
    ]);
    expect(await eventsOf(bob, other)).toEqual([["Unfollowed", bob.username]]);
    expect(await eventsOf(cleo, third)).toEqual([]);
  });

  test("takes effect before or after a parallel first message and a parallel follow", async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      const [one, other] = [seed.user(`one${people}-${turn}`), seed.user(`other${people}-${turn}`)];
      const direct = await one.opensDirect(other);
      const [said, followed] = await Promise.all([
        sendCode(one, direct),
        doesTo(one, FOLLOW, await idOf(other)),
        other.blocks(one),
      ]);
      expect(["OK", "BLOCKED"]).toContain(said);
      expect(["OK", "BLOCKED"]).toContain(followed);
      // In either order, later messages are rejected and neither user follows the other.
      expect(await sendCode(one, direct)).toBe("BLOCKED");
      expect(await doesTo(one, FOLLOW, await idOf(other))).toBe("BLOCKED");
      expect(
        await one.query(`query($name: String!) { user(username: $name) { followerCount } }`, {
          name: other.username,
        }),
      ).toEqual({ user: { followerCount: 0 } });
    }
  });
});

test("a block has no effect in a group", async () => {
  const group = await ada.opensDirect(bob, cleo);
  await ada.says(group, "hello");
  await bob.blocks(ada);
  const room = await ada.createsRoom(`Room ${people}`);
  await bob.joins(room);
  for (const who of [ada, bob]) {
    expect(await sendCode(who, group)).toBe("OK");
    expect(await sendCode(who, room)).toBe("OK");
  }
  expect(await sendCode(ada, await ada.opensDirect())).toBe("OK");
});

test("a block keeps either user from adding the other to a new group", async () => {
  const opened = await ada.opensDirect(bob, cleo);
  await bob.blocks(ada);
  expect(await sendCode(ada, opened)).toBe("BLOCKED");
  for (const [one, other] of [
    [ada, bob],
    [bob, ada],
  ] as const) {
    const dora = seed.user(`dora-${one.username}`);
    await dora.signsUp();
    expect(await openCode(one, other, dora)).toBe("BLOCKED");
  }
  // A third user may open a group with both, in which both may send.
  expect(await sendCode(cleo, await cleo.opensDirect(ada, bob))).toBe("OK");
  expect(await sendCode(ada, opened)).toBe("OK");
});

test("only the blocking user can list blocked users", async () => {
  await ada.blocks(bob);
  await ada.blocks(cleo);
  expect(await blockedBy(ada)).toEqual([cleo.username, bob.username]);
  expect(await blockedBy(bob)).toEqual([]);
  expect(
    await bob.query(`query($name: String!) { user(username: $name) { viewerBlocks } }`, {
      name: ada.username,
    }),
  ).toEqual({ user: { viewerBlocks: false } });
  await ada.unblocks(cleo);
  expect(await blockedBy(ada)).toEqual([bob.username]);
});

test("a user with a deleted account cannot be blocked", async () => {
  const id = await idOf(cleo);
  await cleo.mutate(DELETE_ACCOUNT, { input: { password: PASSWORD } });
  await eventually(async () => {
    expect(await doesTo(ada, BLOCK_PERSON, id)).toBe("NOT_FOUND");
  });
  expect(await doesTo(ada, UNBLOCK_PERSON, id)).toBe("OK");
});

test("users cannot block themselves or users who do not exist", async () => {
  const missing = Buffer.from(`User:${randomUUID()}`).toString("base64");
  expect(await doesTo(ada, BLOCK_PERSON, await idOf(ada))).toBe("INVALID_INPUT");
  expect(await doesTo(ada, UNBLOCK_PERSON, await idOf(ada))).toBe("OK");
  for (const document of [BLOCK_PERSON, UNBLOCK_PERSON]) {
    expect(await doesTo(ada, document, missing)).toBe("NOT_FOUND");
  }
});
