import { expect, test } from "vitest";
import { timelineSql } from "../../server/domain/post/post.store.ts";
import { createDatabase } from "../kit/database.ts";
import { seedOn } from "../kit/seed.ts";
import { startInProcess } from "../realtime/in-process.ts";
import { countStatements } from "./statements.ts";

const FOLLOWED = 500;
const STRANGERS = 500;
const POSTS_EACH = 200;
const PAGE = 51;

/** A node of a plan from EXPLAIN. */
interface Plan {
  "Node Type": string;
  "Relation Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  Plans?: Plan[];
}

function flat(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(flat)];
}

test("a page of a timeline reads few rows, through an index", async () => {
  const database = await createDatabase();
  const person = (column: string): string =>
    `('00000000-0000-4000-8000-' || lpad((${column})::text, 12, '0'))::uuid`;
  await database.query(
    `INSERT INTO "User" (id, username, "usernameKey", "displayName")
     SELECT ${person("n")}, 'u' || n, 'u' || n, 'u' || n FROM generate_series(0, ${FOLLOWED + STRANGERS}) n`,
  );
  await database.query(
    `INSERT INTO "Follow" ("followerId", "followedId", position)
     SELECT ${person("0")}, ${person("n")}, n FROM generate_series(1, ${FOLLOWED}) n`,
  );
  await database.query(
    `INSERT INTO "Post" (id, "authorId", "clientId", body, position)
     SELECT gen_random_uuid(), ${person(`1 + p % ${FOLLOWED + STRANGERS}`)}, gen_random_uuid(), 'post ' || p, p
     FROM generate_series(1, ${(FOLLOWED + STRANGERS) * POSTS_EACH}) p`,
  );
  await database.query("ANALYZE");
  const last = (FOLLOWED + STRANGERS) * POSTS_EACH;
  for (const [direction, from, until] of [
    ["DESC", 0, last + 1],
    ["DESC", 0, last / 2],
    ["ASC", last / 2, last + 1],
  ] as const) {
    const values = ["00000000-0000-4000-8000-000000000000", from, until, PAGE];
    const rows = await database.query<{ position: string }>(timelineSql(direction), values);
    const [naive] = await database.query<{ expected: string[] }>(
      `SELECT array_agg(position::text) AS expected FROM (
         SELECT p.position FROM "Post" p JOIN "Follow" f ON f."followedId" = p."authorId"
         WHERE p.position > $1 AND p.position < $2 ORDER BY p.position ${direction} LIMIT $3
       ) page`,
      [from, until, PAGE],
    );
    expect(rows.map(({ position }) => position)).toEqual(naive?.expected);
    const [explained] = await database.query<{ "QUERY PLAN": { Plan: Plan }[] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${timelineSql(direction)}`,
      values,
    );
    const plan = explained?.["QUERY PLAN"][0]?.Plan;
    if (plan === undefined) throw new Error("no plan");
    const ofPosts = flat(plan).filter((node) => node["Relation Name"] === "Post");
    expect(ofPosts.map((node) => node["Node Type"])).not.toContain("Seq Scan");
    expect(ofPosts.length).toBeGreaterThan(0);
    const read = ofPosts.reduce((sum, node) => sum + node["Actual Rows"] * node["Actual Loops"], 0);
    expect(read).toBeLessThanOrEqual(FOLLOWED + 1 + PAGE * PAGE);
  }
});

test("a page of a timeline costs a constant number of statements, however many users are followed", async () => {
  const statements = countStatements();
  const seed = seedOn(await startInProcess());
  const reader = seed.user("reader");
  const query = `{ viewer { timeline(first: 50) { edges { node {
    body author { username followerCount followingCount viewerFollows viewerMutes } } } } } }`;
  const cost = async (posts: number): Promise<number> => {
    const costs: number[] = [];
    // Background statements of the instance can only add to the count, so the minimum is the cost of the
    // query.
    for (let turn = 0; turn < 5; turn += 1) {
      statements.clear();
      const { viewer } = await reader.query<{ viewer: { timeline: { edges: unknown[] } } }>(query);
      costs.push(statements.texts.length);
      expect(viewer.timeline.edges).toHaveLength(posts);
    }
    return Math.min(...costs);
  };
  const follow = async (count: number): Promise<void> => {
    for (let number = 0; number < count; number += 1) {
      const author = seed.user(`author-${number}`);
      await reader.follows(author);
      await author.publishes("one of many");
    }
  };
  await follow(1);
  const ofOne = await cost(1);
  await follow(8);
  expect(await cost(9)).toBe(ofOne);
  expect(ofOne).toBeGreaterThan(2);
  expect(ofOne).toBeLessThanOrEqual(6);
});
