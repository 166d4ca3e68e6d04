import { hash } from "@node-rs/argon2";
import pg from "pg";
import { pause, startClient } from "../child.ts";
import type { SteadyRequest, Window } from "../clients/steady.ts";
import type { StormRequest, StormResult } from "../clients/storm.ts";
import type { Bench, Measurement, Work } from "../measurement.ts";
import { makeCrowd } from "../people.ts";
import { startParley } from "../programs.ts";

const PEOPLE = 200;
const AT_ONCE = 100;
const STEADY = { members: 20, pace: 50 };
const PASSWORD = "correct horse battery staple";
/** Parley's hash parameters: argon2id, 64 MiB, 3 passes. */
const COST = { algorithm: 2, memoryCost: 65_536, timeCost: 3, parallelism: 1 };
/** Number of parallel hashes, an instance's default. */
const CONCURRENCY = 2;

export const LOGIN: Work = {
  name: "login",
  description: `${String(AT_ONCE)} users in parallel log in repeatedly over HTTP, while ${String(STEADY.members)} others in a room send ${String(STEADY.pace)} messages per second. Measured: log-ins per second, and the delivery time of the others' messages to the last member, before and during the log-ins. Hashing dominates a log-in: \`argon2id alone\` is the machine's rate of hashes without a server, ${String(CONCURRENCY)} in parallel.`,
  columns: [
    { key: "rate", title: "log-ins/s", digits: 1 },
    { key: "p50", title: "p50, ms", digits: 0 },
    { key: "p99", title: "p99, ms", digits: 0 },
    { key: "refused", title: "rejected", digits: 0 },
    { key: "before50", title: "others before p50, ms", digits: 1 },
    { key: "before99", title: "p99, ms", digits: 1 },
    { key: "during50", title: "during p50, ms", digits: 1 },
    { key: "during99", title: "p99, ms", digits: 1 },
  ],
  compared: { key: "rate", better: "more", to: "parley" },
  run: async function* (bench) {
    yield storm(bench);
    yield hashes(bench);
  },
};

async function storm(bench: Bench): Promise<Measurement> {
  const people = await makeCrowd(bench.databaseUrl, PEOPLE, 1);
  const usernames = await givePasswords(bench.databaseUrl, people.userIds);
  const crowd = await makeCrowd(bench.databaseUrl, STEADY.members, 1);
  const server = await startParley({ DATABASE_URL: bench.databaseUrl }, bench.profiling);
  const others = startClient("steady");
  const client = startClient("storm");
  try {
    const steady: SteadyRequest = {
      ...{ language: "parley", url: server.url, crowd },
      pace: STEADY.pace,
    };
    await others.ask(steady);
    await pause(1_000);
    await others.ask<Window>("window");
    await pause(bench.seconds * 1_000);
    const before = await others.ask<Window>("window");
    const request: StormRequest = {
      ...{ url: server.url, usernames, password: PASSWORD },
      ...{ atOnce: AT_ONCE, seconds: bench.seconds * 2 },
    };
    const { rate, p50, p99, refused } = await client.ask<StormResult>(request);
    const during = await others.ask<Window>("window");
    const { wrong } = await others.ask<Window>("stop");
    return {
      program: "parley",
      figures: {
        ...{ rate, p50, p99, refused, before50: before.p50, before99: before.p99 },
        ...{ during50: during.p50, during99: during.p99 },
      },
      wrong,
    };
  } finally {
    await Promise.all([client.stop(), others.stop()]);
    await server.stop();
  }
}

/** Stores the same password for all, hashed once. Returns their names. */
async function givePasswords(databaseUrl: string, userIds: readonly string[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `INSERT INTO "Credential" ("userId", "passwordHash") SELECT id, $2 FROM unnest($1::uuid[]) AS x (id)`,
      [userIds, await hash(PASSWORD, COST)],
    );
    const { rows } = await client.query<{ username: string }>(
      `SELECT username FROM "User" WHERE id = ANY($1::uuid[])`,
      [userIds],
    );
    return rows.map(({ username }) => username);
  } finally {
    await client.end();
  }
}

async function hashes({ seconds }: Bench): Promise<Measurement> {
  let count = 0;
  const begin = performance.now();
  const until = begin + seconds * 1_000;
  const hashers = Array.from({ length: CONCURRENCY }, async () => {
    while (performance.now() < until) {
      await hash(PASSWORD, COST);
      count += 1;
    }
  });
  await Promise.all(hashers);
  const rate = (count / (performance.now() - begin)) * 1_000;
  return { program: "argon2id alone", figures: { rate }, wrong: 0 };
}
