// `npm run bench`: Parley and its peers do the same work, in turn, several rounds, and
// bench/RESULTS.md gets the medians and their ratios.
import { fork } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { LoadRequest, LoadResult } from "./load.ts";
import { makeCrowd } from "./people.ts";
import { startDatabase, startProgram, type Program } from "./programs.ts";
import { report, type Measured } from "./report.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, seconds: { type: "string", default: "4" } },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const PEERS = ["parley", "socket-io", "bare-ws"] as const;
/** Members in one room, and how many of them send as fast as they are acknowledged. */
const WORK = [
  { name: "room200", members: 200, senders: 20 },
  { name: "room200-one", members: 200, senders: 1 },
] as const;

const database = await startDatabase();
const crowd = await makeCrowd(database.url, 200);
const tsx = ["--import", "tsx"];
const ready = /ready (ws:\S+)/;
const start: Record<(typeof PEERS)[number], () => Promise<Program>> = {
  parley: () =>
    startProgram(
      ["dist/server/main.js"],
      {
        DATABASE_URL: database.url,
        PORT: "0",
        HOST: "127.0.0.1",
        LOG_LEVEL: "warn",
        NODE_ENV: "production",
        // The senders send as fast as they are acknowledged: that is what is measured.
        RATE_LIMITS: "false",
      },
      /Playground +(http:\S+)\/graphql/,
    ),
  "socket-io": () =>
    startProgram([...tsx, "bench/peers/socket-io.ts"], { DATABASE_URL: database.url }, ready),
  "bare-ws": () => startProgram([...tsx, "bench/peers/bare-ws.ts"], {}, ready),
};

const measured: Measured[] = [];
try {
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, members, senders } of WORK) {
      for (const peer of PEERS) {
        const program = await start[peer]();
        let before = Promise.resolve(0);
        const result = await load(
          { peer, url: program.url, ...crowd, members, senders, seconds },
          () => {
            before = program.cpuSeconds();
          },
        );
        const cpu = (await program.cpuSeconds()) - (await before);
        await program.stop();
        measured.push({ work: name, peer, ...result, cpu });
        const rate = Math.round(result.delivered / result.seconds);
        process.stdout.write(
          `round ${String(round)} ${name} ${peer}: ${String(rate)} deliveries/s, wrong ${String(result.wrong)}\n`,
        );
      }
    }
  }
} finally {
  await database.stop();
}
const machine = `${String(cpus().length)} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}`;
await writeFile(
  "bench/RESULTS.md",
  report(
    measured,
    machine,
    `npm run bench -- --rounds ${String(rounds)} --seconds ${String(seconds)}`,
  ),
);

function load(request: LoadRequest, begin: () => void): Promise<LoadResult> {
  const child = fork("bench/load.ts", { execArgv: tsx });
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
