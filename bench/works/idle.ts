import { readFile } from "node:fs/promises";
import { startClient } from "../child.ts";
import type { IdleRequest } from "../clients/idle.ts";
import type { Bench, Measurement, Work } from "../measurement.ts";
import { makeCrowd } from "../people.ts";
import { MEMORY_PROBE, startParley, startPeer } from "../programs.ts";
import type { Language } from "../speakers/connect.ts";

const SOCKETS = 10_000;
const MEMBERS_OF_A_ROOM = 200;
/** Connected before the count begins, to exclude one-time allocations. */
const WARM_UP = 200;
/** Further files that a process needs. */
const OTHER_FILES = 500;
const PROGRAMS: readonly Language[] = ["parley", "socket-io", "yoga", "bare-ws"];

export const IDLE: Work = {
  name: "idle",
  description: `${SOCKETS.toLocaleString("en")} users (fewer if the limit of open files requires it) in rooms of ${String(MEMBERS_OF_A_ROOM)}, each with one socket and one silent subscription. Measured after a garbage collection: the memory per user beyond the memory with ${String(WARM_UP)} users. Heap is the JavaScript heap with its buffers; resident is the whole process.`,
  columns: [
    { key: "sockets", title: "sockets", digits: 0 },
    { key: "heap", title: "heap per socket, KiB", digits: 1 },
    { key: "resident", title: "resident per socket, KiB", digits: 1 },
  ],
  compared: { key: "heap", better: "less", to: "parley" },
  run: async function* (bench) {
    for (const program of PROGRAMS) yield measure(bench, program);
  },
};

async function measure(bench: Bench, language: Language): Promise<Measurement> {
  const sockets = Math.min(SOCKETS, (await openFilesLimit()) - OTHER_FILES);
  const rooms = Math.ceil((sockets + WARM_UP) / MEMBERS_OF_A_ROOM);
  const crowd = await makeCrowd(bench.databaseUrl, rooms * MEMBERS_OF_A_ROOM, rooms);
  const stores = { DATABASE_URL: bench.databaseUrl, REDIS_URL: bench.redisUrl };
  const program = await (language === "parley"
    ? startParley({ DATABASE_URL: bench.databaseUrl }, MEMORY_PROBE)
    : startPeer(language, stores, MEMORY_PROBE));
  const client = startClient("idle");
  const connectUntil = (until: number): Promise<null> =>
    client.ask<null>({ language, url: program.url, crowd, until } satisfies IdleRequest);
  try {
    await connectUntil(WARM_UP);
    const before = await program.memory();
    await connectUntil(WARM_UP + sockets);
    const after = await program.memory();
    const each = (of: "heap" | "resident"): number => (after[of] - before[of]) / sockets / 1_024;
    return {
      program: language,
      figures: { sockets, heap: each("heap"), resident: each("resident") },
      wrong: 0,
    };
  } finally {
    await client.stop();
    await program.stop();
  }
}

/** Returns the limit of open files of a process. Node raises its limit to the hard limit. */
async function openFilesLimit(): Promise<number> {
  const limits = await readFile("/proc/self/limits", "utf8");
  return Number(/^Max open files +\S+ +(\d+)/m.exec(limits)?.[1] ?? Infinity);
}
