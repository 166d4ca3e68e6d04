import pg from "pg";
import { joinMany } from "../../test/kit/many-messages.ts";
import { makeHttpClient } from "../http-client.ts";
import { quantile, type Many, type Measurement, type Work } from "../measurement.ts";
import { makeCrowd } from "../people.ts";
import { startParley } from "../programs.ts";

const TURNS = 25;
const WARM_UP_TURNS = 3;

/** Returns evenly spread numbers from 0 to 1 (exclusive). */
const spread = (turn: number): number => (turn * 0.618_034) % 1;
const between = (low: number, high: number, turn: number): number =>
  Math.floor(low + (high - low) * spread(turn));

interface Kind {
  name: string;
  /** The query; the n-th word occurs in about one of n messages. */
  query: (turn: number) => string;
  sort?: string;
  /** Whether plain SQL can express the same. */
  plain: boolean;
}

const KINDS: readonly Kind[] = [
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
/** Number of rooms of each viewer. */
const VIEWERS = [1, 20, 500];

const SEARCH = `query($query: String!, $sort: SearchSort) {
  searchMessages(query: $query, sort: $sort, first: 20) {
    edges { highlights { start end } node { id body createdAt author { username } } } } }`;
const PLAIN = `
  SELECT id, body FROM "Message"
  WHERE to_tsvector('simple', body) @@ plainto_tsquery('simple', $2)
    AND "conversationId" IN (SELECT "conversationId" FROM "Membership" WHERE "userId" = $1 AND "leftPosition" IS NULL)
    AND position > 0
  ORDER BY position DESC LIMIT 20`;
/** The large conversation is excluded, because the other index lacks it, too. */
const PLAIN_INDEX = `CREATE INDEX IF NOT EXISTS bench_plain ON "Message" USING GIN (to_tsvector('simple', body))
  WHERE position > 0`;

export const SEARCH_WORK: Work = {
  name: "search",
  description:
    "Searches of 1,000,000 messages of 12 words in 2,000 rooms, by users in 1, 20 or 500 of them. Parley's API over HTTP, with authorization, messages and highlights, alternates with a bare SQL statement over an index of `to_tsvector`, as in PostgreSQL's manual. The statement shows the cost of the search without a server.",
  columns: [
    { key: "p50", title: "p50, ms", digits: 1 },
    { key: "p95", title: "p95, ms", digits: 1 },
    { key: "plain50", title: "plain SQL p50, ms", digits: 1 },
    { key: "plain95", title: "p95, ms", digits: 1 },
    { key: "ratio", title: "plain / Parley", digits: 2 },
  ],
  compared: null,
  run: async function* (bench) {
    const many = await bench.many();
    const crowd = await makeCrowd(many.url, VIEWERS.length, VIEWERS.length);
    for (const [index, rooms] of VIEWERS.entries())
      await joinMany(many.url, crowd.userIds[index] ?? "", spreadOver(many, rooms));
    const database = new pg.Client({ connectionString: many.url });
    await database.connect();
    await database.query(PLAIN_INDEX);
    await database.query("ANALYZE");
    const server = await startParley({ DATABASE_URL: many.url }, bench.profiling);
    const client = makeHttpClient(server.url);
    try {
      for (const kind of KINDS) {
        for (const [index, rooms] of VIEWERS.entries()) {
          const parley = async (query: string) => {
            const variables = { query, sort: kind.sort ?? "NEWEST" };
            return (await client.ask(crowd.tokens[index] ?? "", SEARCH, variables)).took;
          };
          const plain = async (query: string) => {
            const began = performance.now();
            await database.query(PLAIN, [crowd.userIds[index], query]);
            return performance.now() - began;
          };
          const figures = await measure(kind, parley, kind.plain ? plain : null);
          yield { program: `${kind.name}, ${String(rooms)} rooms`, figures, wrong: 0 };
        }
      }
    } finally {
      client.close();
      await server.stop();
      await database.end();
    }
  },
};

/** Selects a number of rooms, large and small ones. */
function spreadOver({ conversationIds }: Many, rooms: number): string[] {
  const step = conversationIds.length / rooms;
  return conversationIds.filter((_id, at) => Math.floor(at % step) === Math.floor(step / 2));
}

async function measure(
  { query }: Kind,
  parley: (query: string) => Promise<number>,
  plain: ((query: string) => Promise<number>) | null,
): Promise<Measurement["figures"]> {
  const own: number[] = [];
  const others: number[] = [];
  for (let turn = -WARM_UP_TURNS; turn < TURNS; turn += 1) {
    const text = query(Math.abs(turn));
    const mine = await parley(text);
    const its = plain === null ? null : await plain(text);
    if (turn < 0) continue;
    own.push(mine);
    if (its !== null) others.push(its);
  }
  const figures = { p50: quantile(own, 0.5), p95: quantile(own, 0.95) };
  if (plain === null) return figures;
  const plain50 = quantile(others, 0.5);
  return { ...figures, plain50, plain95: quantile(others, 0.95), ratio: plain50 / figures.p50 };
}
