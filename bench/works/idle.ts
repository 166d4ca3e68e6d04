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
  description: `${SOCKETS.toLocaleString("en")} people (fewer where the limit of open files says so) in rooms of ${String(MEMBERS_OF_A_ROOM)}, each with one socket and one subscription that nothing comes on. Memory after a garbage collection, less what the program had with ${String(WARM_UP)} of them, for each of the others. Heap is the JavaScript heap and the buffers that hang on it; resident is all that the process has.`,
  columns: [
    { key: "sockets", title: "sockets", digits: 0 },
    { key: "heap", title: "heap of each, KiB", digits: 1 },
    { key: "resident", title: "resident of each, KiB", digits: 1 },
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
