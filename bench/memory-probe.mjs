// Loaded into a measured program before its own code: on SIGUSR2 it collects garbage and prints the
// memory in use.
import { setImmediate } from "node:timers/promises";

const ROUNDS = 4;

process.on("SIGUSR2", async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  process.stdout.write(`memory ${heapUsed + external} ${rss}\n`);
});
