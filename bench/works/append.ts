import { startClient } from "../child.ts";
import type { AppendRequest, AppendResult } from "../clients/append.ts";
import type { Bench, Measurement, Work } from "../measurement.ts";
import { makeCrowd } from "../people.ts";

const MEMBERS = 200;
const ROOMS = 100;
const INSERTING_CLIENTS = 50;

/** The parallel processes; the clients are divided among them. */
const TURNS: {
  program: string;
  what: AppendRequest["what"];
  processes: number;
  clients: number;
}[] = [
  { program: "parley", what: "batchWriter", processes: 1, clients: MEMBERS },
  { program: "inserts", what: "inserts", processes: 1, clients: INSERTING_CLIENTS },
  { program: "parley, two processes", what: "batchWriter", processes: 2, clients: MEMBERS },
  { program: "inserts, two processes", what: "inserts", processes: 2, clients: INSERTING_CLIENTS },
];

export const APPEND: Work = {
  name: "append",
  description:
    "The append alone, without server and delivery: 200 users in 100 rooms write through Parley's batch writer, from one process and from two in parallel, compared with plain one-row INSERTs by 50 connections.",
  columns: [
    { key: "sends", title: "durable messages/s", digits: 0 },
    { key: "p50", title: "p50, ms", digits: 1 },
    { key: "p99", title: "p99, ms", digits: 1 },
  ],
  compared: { key: "sends", better: "more", to: "parley" },
  run: async function* (bench) {
    for (const turn of TURNS) yield measure(bench, turn);
  },
};

async function measure(
  { databaseUrl, seconds }: Bench,
  { program, what, processes, clients }: (typeof TURNS)[number],
): Promise<Measurement> {
  const children = Array.from({ length: processes }, () => startClient("append"));
  try {
    for (const child of children) {
      const share = clients / processes;
      const crowd =
        what === "inserts" ? null : await makeCrowd(databaseUrl, share, ROOMS / processes);
      const request: AppendRequest = { what, databaseUrl, crowd, clients: share };
      await child.ask(request);
    }
    const results = await Promise.all(
      children.map((child) => child.ask<AppendResult>({ seconds })),
    );
    const worst = (of: (result: AppendResult) => number): number => Math.max(...results.map(of));
    return {
      program,
      figures: {
        sends: results.reduce((sum, { rate }) => sum + rate, 0),
        p50: worst(({ p50 }) => p50),
        p99: worst(({ p99 }) => p99),
      },
      wrong: 0,
    };
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}
