import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { payload } from "../kit/client.ts";
import { eventually } from "../kit/eventually.ts";
import {
  FEED_EVENTS,
  PUBLISH,
  type FeedEvent,
  type PublishResult,
} from "../kit/follow-documents.ts";
import { describeWith } from "../kit/needs.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { disorder, positionOf } from "./positions.ts";
import { ResumingClient } from "./resuming-client.ts";
import { inParallel } from "./sending.ts";

const POSTS = 300;
const WRITERS = 8;

/** A log row about feeds. */
interface Row {
  position: number;
  type: "FOLLOWED" | "UNFOLLOWED" | "PERSON_MUTED" | "PERSON_UNMUTED" | "POST_PUBLISHED";
  /** The acting user and the target. */
  who: string;
  whom: string | null;
}

describeWith("redis-server", "posts on two instances", () => {
  let cluster: Cluster;
  let seed: Seed;
  let authors: Actor[];

  beforeAll(async () => {
    cluster = await startCluster();
    seed = seedOn(cluster.a);
    authors = Array.from({ length: 4 }, (_, number) => seed.user(`author-${number}`));
    for (const author of authors) await author.signsUp();
  });

  async function follow(person: Actor, count: number): Promise<ResumingClient<FeedEvent>> {
    for (const author of authors.slice(0, count)) await person.follows(author);
    const { token } = await person.signsUp();
    const client = new ResumingClient<FeedEvent>({
      name: person.username,
      token,
      endpoints: () => cluster.instances,
      first: count,
      query: FEED_EVENTS,
    });
    await client.start();
    return client;
  }

  /** Publishes until there is a response, each time with the same `clientId`, and once more. */
  async function publish(number: number): Promise<void> {
    const input = { body: `post ${number}`, clientId: randomUUID() };
    const author = authors[number % authors.length] ?? seed.user("nobody");
    for (const endpoint of cluster.instances) {
      await eventually(
        async () =>
          payload(await author.via(endpoint).mutate<PublishResult>(PUBLISH, { input })).post,
        { timeoutMs: 20_000 },
      );
    }
  }

  /** Reads the feed rows of the log from the database. */
  function logged(): Promise<Row[]> {
    return cluster.database.query<Row>(
      `SELECT e.position::int AS position, e.type,
              coalesce(f.username, author.username, own.username) AS who, other.username AS whom
       FROM "Event" e
       LEFT JOIN "Post" p ON p.id = (e.payload ->> 'postId')::uuid
       LEFT JOIN "User" author ON author.id = p."authorId"
       LEFT JOIN "User" f ON f.id = (e.payload -> 'follower' ->> 'personId')::uuid AND f.id = e.topic
       LEFT JOIN "User" own ON own.id = e.topic
       LEFT JOIN "User" other
         ON other.id = coalesce(e.payload -> 'followed' ->> 'personId', e.payload -> 'person' ->> 'personId')::uuid
       WHERE e.type IN ('FOLLOWED', 'UNFOLLOWED') AND f.id IS NOT NULL
          OR e.type IN ('PERSON_MUTED', 'PERSON_UNMUTED', 'POST_PUBLISHED')
       ORDER BY e.position`,
    );
  }

  /** Returns the positions of the posts that a user must receive, computed independently from the rules. */
  function due(rows: readonly Row[], username: string, from: number): number[] {
    const [followed, muted] = [new Set<string>(), new Set<string>()];
    return rows.flatMap(({ position, type, who, whom }) => {
      if (type === "POST_PUBLISHED") {
        const receives = who === username || (followed.has(who) && !muted.has(who));
        return receives && position > from ? position : [];
      }
      if (who !== username || whom === null) return [];
      if (type === "FOLLOWED") followed.add(whom);
      if (type === "UNFOLLOWED") followed.delete(whom);
      if (type === "PERSON_MUTED") muted.add(whom);
      if (type === "PERSON_UNMUTED") muted.delete(whom);
      return [];
    });
  }

  const isPost = (event: FeedEvent): boolean => event.__typename === "PostPublished";

  test("each post reaches every follower once, in log order, through lost connections", async () => {
    const stable = [seed.user("of-all"), seed.user("of-two"), seed.user("of-nobody")];
    const fickle = seed.user("fickle");
    const clients = [
      ...(await Promise.all(stable.map((person, index) => follow(person, [4, 2, 0][index] ?? 0)))),
      await follow(fickle, 3),
    ];
    const starts = clients.map(({ received }) => positionOf(received[0]?.cursor ?? ""));

    let next = 0;
    const numbers = Array.from({ length: POSTS }, (_, number) => number);
    await inParallel(numbers, WRITERS, async (number) => {
      await publish(number);
      next += 1;
      // Clients whose access does not change lose their connections repeatedly.
      if (next % 20 === 0) clients[(next / 20) % stable.length]?.cut();
      const [author] = authors;
      if (author === undefined) throw new Error("no authors");
      const through = fickle.via(cluster.instances[number % 2] ?? cluster.a);
      if (next % 60 === 10) await through.unfollows(author);
      if (next % 60 === 25) await through.follows(author);
      if (next % 60 === 35) await through.mutes(author);
      if (next % 60 === 50) await through.unmutes(author);
    });

    const rows = await logged();
    expect(rows.filter(({ type }) => type === "POST_PUBLISHED")).toHaveLength(POSTS);
    for (const [index, { received, name, problems }] of clients.entries()) {
      const expected = due(rows, name, starts[index] ?? 0);
      const places = (): number[] =>
        received.filter(isPost).map(({ cursor }) => positionOf(cursor));
      await eventually(() => expect(places().length).toBeGreaterThanOrEqual(expected.length), {
        timeoutMs: 15_000,
      });
      expect(places(), name).toEqual(expected);
      expect(disorder(places())).toEqual([]);
      expect(problems).toEqual([]);
    }
    expect(due(rows, "of-all", 0)).toHaveLength(POSTS);
    expect(due(rows, "of-nobody", 0)).toEqual([]);
    const fickleSaw = due(rows, "fickle", 0).length;
    expect(fickleSaw).toBeGreaterThan(POSTS / 2);
    expect(fickleSaw).toBeLessThan((POSTS * 3) / 4);
    expect(clients.slice(0, 3).map(({ connections }) => connections > 1)).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("a replay contains posts in their current state, of currently followed users", async () => {
    const [kept, dropped, muted] = authors;
    if (!kept || !dropped || !muted) throw new Error("three authors are needed");
    const reader = seed.user("reader");
    for (const author of [kept, dropped, muted]) await reader.follows(author);
    const { viewer } = await reader.query<{ viewer: { cursor: string } }>("{ viewer { cursor } }");
    await kept.publishes("kept");
    await kept.deletesPost((await kept.publishes("deleted")).post);
    await dropped.publishes("dropped");
    await muted.publishes("muted");
    await reader.unfollows(dropped);
    await reader.mutes(muted);
    // Events outside an instance's memory are read from the database.
    for (const endpoint of cluster.instances) await endpoint.restart();
    for (const endpoint of cluster.instances) {
      const stream = await (
        await reader.via(endpoint).client()
      ).subscribe<FeedEvent>({ query: FEED_EVENTS, variables: { after: viewer.cursor } });
      await stream.next(({ __typename }) => __typename === "PersonMuted");
      expect(stream.all.map(({ __typename, post }) => post?.body ?? __typename)).toEqual([
        "Ready",
        "kept",
        "PostDeleted",
        "Unfollowed",
        "PersonMuted",
      ]);
      await stream.close();
    }
  });
});
