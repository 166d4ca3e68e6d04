import { MessagesDocument } from "../../sdk/src/generated/graphql.ts";
import { joinMany } from "../../test/kit/many-messages.ts";
import { makeHttpClient, toGlobalId, type HttpClient } from "../http-client.ts";
import { quantile, type Many, type Measurement, type Work } from "../measurement.ts";
import { makeCrowd } from "../people.ts";
import { startParley } from "../programs.ts";

const PAGE = 50;
/** Number of consecutive pages before the next depth's turn. */
const PAGES_OF_A_TURN = 20;
const TURNS = 4;
/**
 * Number of uncounted turns, in which the server's code is compiled: some seconds, as in the load
 * workloads.
 */
const WARM_UP_TURNS = 5;

interface PageInfo {
  startCursor: string;
  endCursor: string;
}

interface Page {
  node: { messages: { edges: object[]; pageInfo: PageInfo } };
}

/** The start of reading, and how to continue from the previous page. */
interface Depth {
  name: string;
  first(middleId: string): object;
  next(page: PageInfo): object;
}

const upwards = ({ startCursor }: PageInfo): object => ({ last: PAGE, before: startCursor });
const DEPTHS: readonly Depth[] = [
  { name: "newest", first: () => ({ last: PAGE }), next: upwards },
  { name: "middle", first: (id) => ({ first: PAGE, around: id }), next: upwards },
  {
    name: "oldest",
    first: () => ({ first: PAGE }),
    next: ({ endCursor }) => ({ first: PAGE, after: endCursor }),
  },
];

export const HISTORY: Work = {
  name: "history",
  description: `Pages of ${String(PAGE)} in a conversation of 1,000,000 messages, by the SDK's own query over HTTP: from the newest upwards, from the middle upwards, from the oldest downwards, each page once. The table holds 1,000,000 other messages. The time is from the request to the last byte of the response over an open connection, on an otherwise idle server, without any deduction, so the server's own time is at most that. The CPU time of server and database does not depend on other load of the machine.`,
  columns: [
    { key: "p50", title: "p50, ms", digits: 2 },
    { key: "p95", title: "p95, ms", digits: 2 },
    { key: "cpu", title: "CPU of server and database, ms", digits: 2 },
    { key: "size", title: "KiB", digits: 1 },
  ],
  compared: null,
  run: async function* (bench) {
    const many = await bench.many();
    const crowd = await makeCrowd(many.url, 1, 1);
    await joinMany(many.url, crowd.userIds[0] ?? "", [many.largeId]);
    const server = await startParley({ DATABASE_URL: many.url }, bench.profiling);
    const client = makeHttpClient(server.url);
    try {
      const cpuSeconds = async () => (await server.cpuSeconds()) + (await many.cpuSeconds());
      yield* await measure(client, crowd.tokens[0] ?? "", many, cpuSeconds);
    } finally {
      client.close();
      await server.stop();
    }
  },
};

async function measure(
  client: HttpClient,
  token: string,
  many: Many,
  cpuSeconds: () => Promise<number>,
): Promise<Measurement[]> {
  const conversationId = toGlobalId("Conversation", many.largeId);
  const middleId = toGlobalId("Message", many.largeMiddleId);
  const readers = DEPTHS.map(({ name, first, next }) => {
    let wanted = first(middleId);
    const times: number[] = [];
    let size = 0;
    let cpu = 0;
    return {
      read: async (counts: boolean) => {
        const before = await cpuSeconds();
        for (let page = 0; page < PAGES_OF_A_TURN; page += 1) {
          const variables = { conversationId, ...wanted };
          const { data, body, took } = await client.ask<Page>(token, MessagesDocument, variables);
          const { edges, pageInfo } = data.node.messages;
          if (edges.length !== PAGE) throw new Error(`A page of ${String(edges.length)}`);
          wanted = next(pageInfo);
          size = body.length / 1_024;
          if (counts) times.push(took);
        }
        if (counts) cpu += (await cpuSeconds()) - before;
      },
      measured: (): Measurement => ({
        program: name,
        figures: {
          ...{ p50: quantile(times, 0.5), p95: quantile(times, 0.95) },
          ...{ cpu: (cpu / times.length) * 1_000, size },
        },
        wrong: 0,
      }),
    };
  });
  for (let turn = 0; turn < WARM_UP_TURNS + TURNS; turn += 1) {
    for (const { read } of readers) await read(turn >= WARM_UP_TURNS);
  }
  return readers.map(({ measured }) => measured());
}
