// Loaded into a program under measurement before its own code: on SIGUSR2 it collects garbage and
// prints what memory is left in use.
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
