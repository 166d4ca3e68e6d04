import { beforeAll, describe, expect, test } from "vitest";
import { startApp } from "../../server/app.ts";
import { readConfig } from "../../server/config.ts";
import {
  toIndexEntry,
  INDEXED_COLUMNS,
  type IndexedRow,
} from "../../server/domain/search/index-entry.ts";
import { makeSearchIndexStore, STEP_SIZE } from "../../server/domain/search/search-index.store.ts";
import { openDatabase } from "../../server/infra/database/database.ts";
import { countStatements, type StatementCount } from "../api/statements.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { joinMany, seedManyMessages, type ManyMessages } from "../kit/many-messages.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn, type Actor } from "../kit/seed.ts";

const MESSAGES = 1_000_000;
const SEED_LIMIT_MS = 240_000;

const SEARCH = /* GraphQL */ `
  query Search($query: String!, $filter: MessageFilter, $sort: SearchSort) {
    searchMessages(query: $query, filter: $filter, sort: $sort, first: 20) {
      edges {
        node {
          body
          createdAt
          author {
            username
          }
        }
      }
    }
  }
`;

interface Found {
  searchMessages: {
    edges: { node: { body: string; createdAt: string; author: { username: string } } }[];
  };
}

interface Plan {
  "Node Type": string;
  "Relation Name"?: string;
  "Plan Rows": number;
  Plans?: Plan[];
}

let database: TestDatabase;
let many: ManyMessages;
let statements: StatementCount;
let viewers: Map<string, Actor>;

/** The conversations of each viewer: some with many messages, some with few. */
const VIEWERS: [name: string, of: (ids: readonly string[]) => readonly string[]][] = [
  ["one large conversation", (ids) => ids.slice(0, 1)],
  ["one small conversation", (ids) => ids.slice(1_500, 1_501)],
  ["20 conversations", (ids) => ids.slice(90, 110)],
  ["500 conversations", (ids) => ids.filter((_id, index) => index % 4 === 0)],
];

const globalId = (kind: string, id = ""): string => Buffer.from(`${kind}:${id}`).toString("base64");

beforeAll(async () => {
  statements = countStatements();
  database = await createDatabase();
  many = await seedManyMessages(database.url, MESSAGES);
  const settings = { HOST: "127.0.0.1", PORT: "0", DATABASE_POOL: "8", LOG_LEVEL: "warn" };
  const app = await startApp(readConfig(settings), database.url);
  onRelease(() => app.stop());
  const seed = seedOn({ url: `http://127.0.0.1:${app.port}` });
  viewers = new Map();
  for (const [index, [name, of]] of VIEWERS.entries()) {
    const actor = seed.user(`viewer-${index}`);
    const { user } = await actor.signsUp();
    const [, id = ""] = Buffer.from(user.id, "base64").toString().split(":");
    await joinMany(database.url, id, of(many.conversationIds));
    viewers.set(name, actor);
  }
}, SEED_LIMIT_MS);

/** Tables that grow with messages and active users. */
const GROWING = new Set([
  "Message",
  "MessageSearch",
  "Event",
  "ConversationHead",
  "Membership",
  "User",
]);

/** Returns those of them that a statement scans sequentially. */
async function scansOf(text: string, values: readonly unknown[]): Promise<string[]> {
  const found: string[] = [];
  const look = (plan: Plan): void => {
    const relation = plan["Relation Name"] ?? "";
    if (plan["Node Type"] === "Seq Scan" && GROWING.has(relation))
      found.push(`${relation} in ${text}`);
    for (const inner of plan.Plans ?? []) look(inner);
  };
  const rows = await database.query<{ "QUERY PLAN": { Plan: Plan }[] }>(
    `EXPLAIN (FORMAT JSON) ${text}`,
    [...values],
  );
  for (const { Plan: plan } of rows.flatMap((row) => row["QUERY PLAN"])) look(plan);
  return found;
}

test("the seeded rows equal those of the server's indexer", async () => {
  const rows = await database.query<IndexedRow & { stored: string }>(
    `SELECT ${INDEXED_COLUMNS}, s.words::text AS stored FROM "Message" m JOIN "MessageSearch" s ON s."messageId" = m.id
     WHERE m.position IN (1, 10, 8192, 131072, 999990)`,
  );
  expect(rows).toHaveLength(5);
  for (const row of rows) {
    const [same] = await database.query<{ same: boolean }>(
      `SELECT $1::tsvector = $2::tsvector AS same`,
      [row.stored, toIndexEntry(row).words],
    );
    expect(same, row.stored).toEqual({ same: true });
  }
});

describe.for(VIEWERS.map(([name]) => name))("for a member of %s", (name) => {
  test.for<[what: string, query: string, filter: () => object, matches: RegExp]>([
    ["an ordinary word", "w100", () => ({}), /\bw100\b/],
    ["a rare word", "w49000", () => ({}), /\bw49000\b/],
    ["a very common word", "w1", () => ({}), /\bw1\b/],
    ["two words", "w10 w20", () => ({}), /\bw10\b/],
    ["a phrase", '"w10 w20"', () => ({}), /\bw10 w20\b/],
    ["a prefix", "w300*", () => ({}), /\bw300/],
    ["a word that excludes another", "w100 -w1", () => ({}), /\bw100\b/],
    [
      "in:",
      "w10",
      () => ({ in: many.conversationIds.slice(0, 3).map((id) => globalId("Conversation", id)) }),
      /\bw10\b/,
    ],
    [
      "from:",
      "w10",
      () => ({ from: many.authorIds.slice(0, 40).map((id) => globalId("User", id)) }),
      /\bw10\b/,
    ],
    ["a from: filter alone", "", () => ({ from: [globalId("User", many.authorIds[7])] }), /w/],
    ["has:", "w100", () => ({ has: ["LINK"] }), /https:/],
    ["before:", "w100", () => ({ before: "2024-03-01T00:00:00Z" }), /\bw100\b/],
    ["after:", "w100", () => ({ after: "2024-11-01T00:00:00Z" }), /\bw100\b/],
    ["a time filter alone", "", () => ({ before: "2024-03-01T00:00:00Z" }), /w/],
  ])("no message table is scanned for %s", async ([what, query, filter, matches]) => {
    const viewer = viewers.get(name);
    if (viewer === undefined) throw new Error(`no viewer is named ${name}`);
    for (const sort of ["NEWEST", "RELEVANCE"]) {
      statements.clear();
      const { searchMessages } = await viewer.query<Found>(SEARCH, {
        query,
        sort,
        filter: filter(),
      });
      const calls = statements.calls.filter(
        ({ text }) => /"Message|"Event"/.test(text) && /^\s*(SELECT|WITH)/i.test(text),
      );
      expect(calls.length).toBeGreaterThanOrEqual(2);
      for (const { text, values } of calls) expect(await scansOf(text, values)).toEqual([]);
      for (const { node } of searchMessages.edges) expect(node.body).toMatch(matches);
      if (name === "500 conversations" && !/rare|in:/.test(what))
        expect(searchMessages.edges.length).toBeGreaterThan(0);
    }
  });
});

test.for(VIEWERS)("a member of %s finds the newest matches", async ([name, of]) => {
  for (const query of ["w1", "w60", "w3000", "w10 w20"]) {
    const found = await viewers.get(name)?.query<Found>(SEARCH, { query, sort: "NEWEST" });
    const words = query.split(" ").map((word) => `\\m${word}\\M`);
    const rows = await database.query<{ body: string }>(
      `SELECT body FROM "Message" WHERE "conversationId" = ANY($1::uuid[]) AND body ~ ALL($2::text[])
       ORDER BY position DESC LIMIT 20`,
      [of(many.conversationIds), words],
    );
    expect(found?.searchMessages.edges.map(({ node }) => node.body)).toEqual(
      rows.map(({ body }) => body),
    );
  }
});

test("a member of 20 conversations gets the list without reading others' conversations", async () => {
  const viewer = viewers.get("20 conversations");
  statements.clear();
  const answer = await viewer?.query<{ viewer: { conversations: { edges: object[] } } }>(
    "{ viewer { conversations(first: 50) { edges { node { id lastSeq lastMessage { body } } } } } }",
  );
  expect(answer?.viewer.conversations.edges).toHaveLength(21);
  const calls = statements.calls.filter(({ text }) => /^\s*SELECT[^]*"Membership"/.test(text));
  expect(calls.length).toBeGreaterThan(0);
  for (const { text, values } of calls) expect(await scansOf(text, values)).toEqual([]);
});

test.for(["author-4", "auhtor 77", "Author 4999"])(
  "users are found by %s without a table scan",
  async (search) => {
    statements.clear();
    const viewer = viewers.get("500 conversations");
    const answer = await viewer?.query<{ users: { edges: object[] } }>(
      "query($search: String!) { users(search: $search) { edges { cursor } } }",
      { search },
    );
    expect(answer?.users.edges.length).toBeGreaterThan(0);
    const calls = statements.calls.filter(({ text }) => text.includes("name_query"));
    expect(calls).toHaveLength(1);
    for (const { text, values } of calls) expect(await scansOf(text, values)).toEqual([]);
  },
);

test("the query plan of an index step reads only its own events, however long the log is", async () => {
  const own = openDatabase({ url: database.url, size: 8 });
  onRelease(() => own.close());
  statements.clear();
  await makeSearchIndexStore(own).changedAfter(0);
  const text = statements.texts.find((each) => each.includes('"Event"')) ?? "";
  const [row] = await database.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(
    `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`,
  );
  const rowsOf = (plan: Plan | undefined, node: string): number[] => [
    ...(plan?.["Node Type"] === node ? [plan["Plan Rows"]] : []),
    ...(plan?.Plans ?? []).flatMap((inner) => rowsOf(inner, node)),
  ];
  expect(rowsOf(row?.["QUERY PLAN"][0].Plan, "Limit")).toEqual([STEP_SIZE]);
});
