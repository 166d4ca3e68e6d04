// Loaded into an instance before its own code: on SIGUSR2 it collects garbage and prints the memory in
// use. It needs no flag of Node, so NODE_OPTIONS can load it.
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
