// `npm run chaos`: simulated users talk over several instances while faults are injected, and a checker
// judges everything that they received. --seed N repeats the faults and actions of a run, as far as
// timing allows; each run prints its seed --seconds S duration of the faults; 600 by default --instances
// K number of instances; 3 by default --people P number of users; 12 by default --only "A,B" only faults
// with these names --soak without faults: users connect, talk at half capacity and disconnect for
// --seconds, and memory, handles and streams must not grow; --people is 60 by default --history FILE
// saves everything that the users received, one JSON object per line
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

// Ctrl+C also releases everything.
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
