// `npm run bench`: Parley and its peers run the same workloads in turn, for several rounds. Writes the
// medians and their ratios to bench/RESULTS.md. See bench/README.md for the options.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startRedisProcess } from "../server/supervisor/redis-process.ts";
import { describeMachine } from "./machine.ts";
import { fillMany, type ManyDatabase } from "./many.ts";
import type { Bench, Result } from "./measurement.ts";
import { startDatabase } from "./programs.ts";
import { report } from "./report.ts";
import { WORKS } from "./works/index.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    only: { type: "string" },
    profile: { type: "string" },
  },
});
const { profile, only } = values;
const rounds = profile === undefined ? Number(values.rounds) : 1;
const chosen = (profile ?? only)?.split(",");
const works = WORKS.filter(({ name }) => chosen?.includes(name) ?? true);
if (works.length === 0)
  throw new Error(`No such workload. Workloads: ${WORKS.map(({ name }) => name).join(", ")}`);

const folder = await mkdtemp(join(tmpdir(), "parley-bench-redis-"));
const redis = await startRedisProcess(folder, process.env);
const database = await startDatabase();
const filled: Promise<ManyDatabase>[] = [];
const bench: Omit<Bench, "round"> = {
  databaseUrl: database.url,
  redisUrl: redis.url,
  seconds: Number(values.seconds),
  profiling: profile === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir=bench/profiles"],
  many: () => {
    if (filled.length === 0) filled.push(fillMany());
    return filled[0] ?? fillMany();
  },
};

const results: Result[] = [];
const began = performance.now();
try {
  for (let round = 1; round <= rounds; round += 1) {
    for (const work of works) {
      for await (const measurement of work.run({ ...bench, round })) {
        results.push({ ...measurement, work: work.name, round });
        const figures = work.columns.flatMap(({ key, title, digits }) => {
          const value = measurement.figures[key];
          return value === undefined ? [] : `${title} ${value.toFixed(digits)}`;
        });
        if (measurement.wrong > 0) figures.push(`VOID: ${String(measurement.wrong)} wrong`);
        const { program } = measurement;
        print(`round ${String(round)} ${work.name} ${program}: ${figures.join(", ")}`);
      }
    }
  }
  const machine = await describeMachine(database.url);
  const options = only === undefined ? "" : ` --only ${only}`;
  const command = `npm run bench -- --rounds ${String(rounds)} --seconds ${values.seconds}${options}`;
  const isThere = results.some(({ program }) => program === "ejabberd");
  const notes =
    isThere || chosen !== undefined ? [] : ["ejabberd is not installed, so the run omits it."];
  const text = report(works, results, machine, command, notes);
  if (chosen === undefined) {
    const shares = await readFile("bench/where-the-time-goes.md", "utf8");
    await writeFile("bench/RESULTS.md", `${text}\n${shares}`);
  } else print(text);
  print(`The run took ${((performance.now() - began) / 60_000).toFixed(1)} minutes.`);
} finally {
  for (const many of await Promise.allSettled(filled))
    if (many.status === "fulfilled") await many.value.stop();
  await database.stop();
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
