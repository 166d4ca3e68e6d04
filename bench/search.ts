// `npm run bench:search`: searches through Parley's API in a million messages, in turn with what
// PostgreSQL's manual shows (an index of `to_tsvector`, asked directly), and writes bench/SEARCH.md.
//   --messages N, --rounds N   how many messages, and how many searches of each kind
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import pg from "pg";
import { joinMany, seedManyMessages } from "../test/kit/many-messages.ts";
import { makeCrowd } from "./people.ts";
import { startDatabase, startProgram } from "./programs.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "40" },
  },
});
const rounds = Number(values.rounds);

/** A number from 0 up to 1 for each round, spread evenly. */
const spread = (round: number): number => (round * 0.618_034) % 1;
const between = (low: number, high: number, round: number): number =>
  Math.floor(low + (high - low) * spread(round));

/** What is searched for; the n-th word is in about one of n messages. */
const KINDS: { name: string; query: (round: number) => string; sort?: string; plain: boolean }[] = [
  { name: "ordinary word", query: (n) => `w${String(between(50, 2_000, n))}`, plain: true },
  {
    name: "ordinary word, by relevance",
    query: (n) => `w${String(between(50, 2_000, n))}`,
    sort: "RELEVANCE",
    plain: false,
  },
  { name: "rare word", query: (n) => `w${String(between(20_000, 50_000, n))}`, plain: true },
  { name: "very common word", query: (n) => `w${String(between(1, 4, n))}`, plain: true },
  {
    name: "two words",
    query: (n) => `w${String(between(5, 50, n))} w${String(between(50, 500, n))}`,
    plain: true,
  },
  {
    name: "phrase",
    query: (n) => `"w${String(between(5, 50, n))} w${String(between(5, 50, n + 7))}"`,
    plain: false,
  },
  { name: "prefix", query: (n) => `w${String(between(100, 999, n))}*`, plain: false },
];
const VIEWERS = [1, 20, 500];

const SEARCH = `query($query: String!, $sort: SearchSort) {
  searchMessages(query: $query, sort: $sort, first: 20) {
    edges { highlights { start end } node { id body createdAt author { username } } } } }`;
const PLAIN = `
  SELECT id, body FROM "Message"
  WHERE to_tsvector('simple', body) @@ plainto_tsquery('simple', $2)
    AND "conversationId" IN (SELECT "conversationId" FROM "Membership" WHERE "userId" = $1 AND "leftPosition" IS NULL)
  ORDER BY position DESC LIMIT 20`;

const database = await startDatabase();
const client = new pg.Client({ connectionString: database.url });
await client.connect();
const many = await seedManyMessages(database.url, Number(values.messages));
const crowd = await makeCrowd(database.url, VIEWERS.length, VIEWERS.length);
for (const [index, userId] of crowd.userIds.entries()) {
  const step = many.conversationIds.length / (VIEWERS[index] ?? 1);
  const own = many.conversationIds.filter(
    (_id, at) => Math.floor(at % step) === Math.floor(step / 2),
  );
  await joinMany(database.url, userId, own);
}
await client.query(`CREATE INDEX ON "Message" USING GIN (to_tsvector('simple', body))`);
await client.query(`ANALYZE`);
const parley = await startProgram(
  ["dist/server/main.js"],
  {
    DATABASE_URL: database.url,
    PORT: "0",
    HOST: "127.0.0.1",
    LOG_LEVEL: "warn",
    NODE_ENV: "production",
  },
  /Playground +(http:\S+)\/graphql/,
);

async function ask(token: string, query: string, sort: string): Promise<void> {
  const response = await fetch(`${parley.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: SEARCH, variables: { query, sort } }),
  });
  const { errors } = (await response.json()) as { errors?: object[] };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const at = (times: readonly number[], share: number): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * share)] ?? Number.NaN;
const show = (times: readonly number[]): string =>
  times.length === 0 ? "" : `${at(times, 0.5).toFixed(1)}, ${at(times, 0.95).toFixed(1)}`;

const lines = [
  "# Search",
  "",
  `In ${Number(values.messages).toLocaleString("en")} messages of 12 words in 2,000 rooms: Parley's API over HTTP, with authorization,`,
  "messages and highlights, in turn with a bare SQL statement over an index of `to_tsvector`, as PostgreSQL's",
  "manual shows it: what the search costs without serving it. Database, server and client share the",
  "machine, which may be noisy.",
  "",
  `Machine: ${String(cpus().length)} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}. Command: \`npm run bench:search -- --rounds ${String(rounds)}\`.`,
  "",
  "| searched for | rooms of the viewer | Parley p50, p95 ms | plain SQL p50, p95 ms | plain / Parley at p50 |",
  "| --- | --- | --- | --- | --- |",
];
try {
  for (const { name, query, sort = "NEWEST", plain } of KINDS) {
    for (const [index, rooms] of VIEWERS.entries()) {
      const own: number[] = [];
      const others: number[] = [];
      for (let round = -3; round < rounds; round += 1) {
        const text = query(Math.abs(round));
        const mine = await timeOf(() => ask(crowd.tokens[index] ?? "", text, sort));
        const its = plain
          ? await timeOf(() => client.query(PLAIN, [crowd.userIds[index], text]))
          : null;
        // The first ones warm the caches.
        if (round < 0) continue;
        own.push(mine);
        if (its !== null) others.push(its);
      }
      const ratio = others.length === 0 ? "" : (at(others, 0.5) / at(own, 0.5)).toFixed(2);
      lines.push(`| ${name} | ${String(rooms)} | ${show(own)} | ${show(others)} | ${ratio} |`);
      process.stdout.write(`${lines.at(-1) ?? ""}\n`);
    }
  }
} finally {
  await parley.stop();
  await client.end();
  await database.stop();
}
await writeFile("bench/SEARCH.md", `${lines.join("\n")}\n`);
