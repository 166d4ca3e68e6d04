// `npm run bench`: Parley and its peers do the same work, in turn, several rounds, and
// bench/RESULTS.md gets the medians and their ratios.
//   --rounds N, --seconds N   how often and how long
//   --only a,b                only these works
//   --profile WORK            one round of Parley alone, with a CPU profile in bench/profiles/
import { fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startRedisProcess } from "../server/supervisor/redis-process.ts";
import type { LoadRequest, LoadResult, Peer } from "./load.ts";
import { makeCrowd } from "./people.ts";
import { startDatabase, startProgram, type Program } from "./programs.ts";
import { report, type Measured } from "./report.ts";
import { WORKS, type Work } from "./works.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "4" },
    only: { type: "string" },
    profile: { type: "string" },
  },
});
const seconds = Number(values.seconds);
const { profile } = values;
const rounds = profile === undefined ? Number(values.rounds) : 1;
const chosen = (profile ?? values.only)?.split(",");
const works = WORKS.filter(({ name }) => chosen?.includes(name) ?? true);
if (works.length === 0) throw new Error(`There are: ${WORKS.map(({ name }) => name).join(", ")}`);

const TSX = ["--import", "tsx"];
const READY = /ready ((?:ws|http):\S+)/;
const folder = await mkdtemp(join(tmpdir(), "parley-bench-redis-"));
const redis = await startRedisProcess(folder, process.env);
const database = await startDatabase();

function start(peer: Peer, { instances }: Work): Promise<Program> {
  const environment = { DATABASE_URL: database.url, REDIS_URL: redis.url };
  switch (peer) {
    case "bare-ws":
      return startProgram([...TSX, "bench/peers/bare-ws.ts"], {}, READY);
    case "socket-io":
      return startProgram([...TSX, "bench/peers/socket-io.ts"], environment, READY);
    case "yoga":
      return startProgram([...TSX, "bench/peers/yoga.ts"], environment, READY);
    case "parley": {
      const profiling =
        profile === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir=bench/profiles"];
      const settings = {
        DATABASE_URL: database.url,
        // One instance needs no Redis, and an operator would run none.
        REDIS_URL: instances === 1 ? "" : redis.url,
        PORT: "0",
        HOST: "127.0.0.1",
        LOG_LEVEL: "warn",
        NODE_ENV: "production",
        // The senders send as fast as they are acknowledged: that is what is measured.
        RATE_LIMITS: "false",
      };
      const url = /Playground +(http:\S+)\/graphql/;
      return startProgram([...profiling, "dist/server/main.js"], settings, url);
    }
  }
}

async function measure(work: Work, peer: Peer): Promise<Measured> {
  const crowd = await makeCrowd(database.url, work.members, work.rooms);
  const programs: Program[] = [];
  for (let count = 0; count < work.instances; count += 1) programs.push(await start(peer, work));
  const cpuSeconds = async (): Promise<number> =>
    (await Promise.all(programs.map((program) => program.cpuSeconds()))).reduce((a, b) => a + b);
  try {
    let before = Promise.resolve(0);
    const { senders, pace, inFlight } = work;
    const urls = programs.map(({ url }) => url);
    const result = await load({ peer, urls, crowd, senders, pace, inFlight, seconds }, () => {
      before = cpuSeconds();
    });
    return { work: work.name, peer, ...result, cpu: (await cpuSeconds()) - (await before) };
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
  }
}

const measured: Measured[] = [];
try {
  for (let round = 1; round <= rounds; round += 1) {
    for (const work of works) {
      for (const peer of profile === undefined ? work.peers : (["parley"] as const)) {
        const run = await measure(work, peer);
        measured.push(run);
        const rate = Math.round(run.delivered / run.seconds);
        process.stdout.write(
          `round ${String(round)} ${work.name} ${peer}: ${String(rate)} deliveries/s, wrong ${String(run.wrong)}\n`,
        );
      }
    }
  }
} finally {
  await database.stop();
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
}
if (profile === undefined && chosen === undefined) {
  const machine = `${String(cpus().length)} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}`;
  const command = `npm run bench -- --rounds ${String(rounds)} --seconds ${String(seconds)}`;
  await writeFile("bench/RESULTS.md", report(measured, machine, command));
} else process.stdout.write(`${report(measured, "this", "")}\n`);

function load(request: LoadRequest, begin: () => void): Promise<LoadResult> {
  const child = fork("bench/load.ts", { execArgv: TSX });
  return new Promise((resolve, reject) => {
    child.on("message", (message) => {
      if (message === "begin") begin();
      else resolve(message as LoadResult);
    });
    child.once("exit", (code) => {
      reject(new Error(`The load client ended with code ${String(code)}`));
    });
    child.send(request);
  });
}
