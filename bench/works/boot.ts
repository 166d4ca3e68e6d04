import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { print } from "graphql";
import { OwnRoomsDocument } from "../../web/src/generated/graphql.ts";
import { pause } from "../child.ts";
import { makeHttpClient, type Answer } from "../http-client.ts";
import { median, quantile, type Many, type Measurement, type Work } from "../measurement.ts";
import { makeCrowd, makeRooms } from "../people.ts";
import { startParley } from "../programs.ts";
import { countStatementsOf } from "../statement-counter.ts";

const ROOMS = 500;
/** The first query of the web app, and all conversations in one query. */
const SIZES: readonly { program: string; first: number }[] = [
  { program: "parley, first page of 100", first: 100 },
  { program: "parley, all 500 in one query", first: ROOMS },
];
const MESSAGES_OF_EACH = 40;
const TURNS = 30;
const WARM_UP_TURNS = 10;
/** Number of statement counts; the minimum counts, because background statements can only add. */
const COUNTS = 5;
/** An instance caches the session of a token for a second. */
const UNTIL_FORGOTTEN_MS = 1_200;
const QUERY = print(OwnRoomsDocument);

interface Boot {
  viewer: { conversations: { edges: object[] } };
}

export const BOOT: Work = {
  name: "boot",
  description: `The web app's first query, for a member of ${String(ROOMS)} rooms: the first page of 100 rooms, as in the web app, and all rooms in one query; with names, unread counts, marks and the last message of each. SQL statements are counted between server and PostgreSQL, including those that begin and end transactions, while the session is not cached. The time is measured as in \`history\`; gzipped is the body compressed by zlib at its default level.`,
  columns: [
    { key: "statements", title: "SQL statements", digits: 0 },
    { key: "p50", title: "p50, ms", digits: 1 },
    { key: "p95", title: "p95, ms", digits: 1 },
    { key: "cpu", title: "CPU of server and database, ms", digits: 1 },
    { key: "size", title: "KiB", digits: 1 },
    { key: "gzipped", title: "KiB gzipped", digits: 1 },
  ],
  compared: null,
  run: async function* (bench) {
    const many = await bench.many();
    const { url } = many;
    const { tokens, userIds } = await makeCrowd(url, 1, 1);
    await makeRooms(url, userIds[0] ?? "", ROOMS, MESSAGES_OF_EACH);
    const token = tokens[0] ?? "";
    for (const { program, first } of SIZES) {
      const statements = await countStatements(url, token, first);
      const times = await measureTimes(many, token, first, bench.profiling);
      yield { program, figures: { statements, ...times }, wrong: 0 };
    }
  },
};

async function countStatements(databaseUrl: string, token: string, first: number): Promise<number> {
  const counter = await countStatementsOf(databaseUrl);
  const server = await startParley({ DATABASE_URL: counter.url });
  const client = makeHttpClient(server.url);
  try {
    const counts: number[] = [];
    for (let turn = 0; turn < COUNTS; turn += 1) {
      await pause(UNTIL_FORGOTTEN_MS);
      counter.take();
      await client.ask<Boot>(token, QUERY, { first });
      counts.push(counter.take());
    }
    return Math.min(...counts);
  } finally {
    client.close();
    await server.stop();
    await counter.stop();
  }
}

async function measureTimes(
  many: Many,
  token: string,
  first: number,
  profiling: readonly string[],
): Promise<Measurement["figures"]> {
  const server = await startParley({ DATABASE_URL: many.url }, profiling);
  const cpuSeconds = async () => (await server.cpuSeconds()) + (await many.cpuSeconds());
  const client = makeHttpClient(server.url);
  try {
    const answers: Answer<Boot>[] = [];
    let before = 0;
    for (let turn = -WARM_UP_TURNS; turn < TURNS; turn += 1) {
      if (turn === 0) before = await cpuSeconds();
      const answer = await client.ask<Boot>(token, QUERY, { first });
      const { edges } = answer.data.viewer.conversations;
      if (edges.length < first) throw new Error(`Only ${String(edges.length)} rooms`);
      if (turn >= 0) answers.push(answer);
    }
    const cpu = ((await cpuSeconds()) - before) / TURNS;
    const times = answers.map(({ took }) => took);
    const packed = await Promise.all(answers.map(({ body }) => promisify(gzip)(body)));
    return {
      p50: quantile(times, 0.5),
      p95: quantile(times, 0.95),
      cpu: cpu * 1_000,
      size: median(answers.map(({ body }) => body.length / 1_024)),
      gzipped: median(packed.map(({ length }) => length / 1_024)),
    };
  } finally {
    client.close();
    await server.stop();
  }
}
