// Loaded into an instance before its own code: on SIGUSR2 it collects garbage and prints what memory is left
// in use. No flag of Node's is needed, so that it can come by NODE_OPTIONS.
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const ROUNDS = 4;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

process.on("SIGUSR2", async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    collect();
    await setImmediate();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  process.stdout.write(`memory ${process.pid} ${heapUsed + external} ${rss}\n`);
});
