// `npm run chaos`: people talk over several instances while everything breaks that may break, and a
// checker judges what they were told.
//   --seed N          repeats the faults and what people do, as far as time allows; printed
//   --seconds S       how long faults happen; 600 unless told
//   --instances K     how many instances; 3 unless told
//   --people P        how many people talk; 12 unless told
//   --only "A,B"      only the faults of these names
//   --soak            nothing breaks: people come, talk at half of the capacity and go, for --seconds, and
//                     memory, handles and streams have to stay as they are; --people 60 unless told
//   --history FILE    keeps what everybody was told, one JSON object a line
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findRedisServer } from "../kit/programs.ts";
import { releaseAll } from "../kit/resources.ts";
import { newSeed } from "../unit/random.ts";
import { healTable, violationList } from "./report.ts";
import { runChaos } from "./run.ts";
import { soak, soakTable } from "./soak.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seconds: { type: "string", default: "600" },
    instances: { type: "string", default: "3" },
    people: { type: "string" },
    only: { type: "string" },
    soak: { type: "boolean", default: false },
    history: { type: "string" },
  },
});
if (findRedisServer() === undefined) throw new Error("redis-server is not on PATH");
const seed = values.seed === undefined ? newSeed() : Number(values.seed);
const historyFile = values.history ?? join(tmpdir(), `parley-chaos-${seed}.jsonl`);
const began = performance.now();
const say = (line: string): void => {
  console.info(`${((performance.now() - began) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
};

// Ctrl+C gives everything back, too.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void releaseAll().finally(() => process.exit(130));
  });
}

say(`seed ${seed}`);
try {
  await (values.soak ? runSoak() : runFaults());
} finally {
  await releaseAll();
}

async function runSoak(): Promise<void> {
  const people = Number(values.people ?? 60);
  const seconds = Number(values.seconds);
  const result = await soak({ seed, seconds, instances: Number(values.instances), people, say });
  console.info(`\n${soakTable(result)}\n`);
  const isWell = result.leaks.length === 0 && result.flatness.every(({ isFlat }) => isFlat);
  console.info(isWell ? "Nothing grows." : "Something grows.");
  if (!isWell) process.exitCode = 1;
}

async function runFaults(): Promise<void> {
  const { violations, heals, counts } = await runChaos({
    seed,
    seconds: Number(values.seconds),
    instances: Number(values.instances),
    people: Number(values.people ?? 12),
    historyFile,
    only: values.only?.split(","),
    say,
  });
  say(`${counts.messages} acknowledgements, ${counts.happenings} happenings`);
  say(`tries that failed: ${counts.failures}`);
  console.info(`\n${healTable(heals)}\n`);
  if (violations.length === 0) {
    console.info(`The promise was kept. Seed ${seed}.`);
    if (values.history === undefined) await rm(historyFile);
  } else {
    console.info(violationList(violations));
    console.info(`The promise was broken. Seed ${seed}, history in ${historyFile}`);
    process.exitCode = 1;
  }
}
