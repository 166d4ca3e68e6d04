import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { describeWith } from "../kit/needs.ts";
import { healTable, violationList } from "./report.ts";
import { runChaos } from "./run.ts";

/** `npm run chaos -- --seed N` repeats a run; without --seed it uses a new one. */
const SEED = 20_261_121;
const SECONDS = 8;

describeWith("redis-server", "a short run of the fault suite", () => {
  test("finds no violation of the delivery promise", async () => {
    console.info(`chaos: seed ${SEED}, ${SECONDS} s`);
    const { violations, heals, counts } = await runChaos({
      seed: SEED,
      seconds: SECONDS,
      instances: 2,
      people: 9,
      historyFile: join(inject("scratch"), `chaos-${SEED}.jsonl`),
      holdMs: [100, 1_200],
      say: (line) => console.info(line),
    });
    console.info(healTable(heals));
    expect(violationList(violations)).toBe("");
    // Ensures that users talked and faults occurred.
    expect(counts.messages).toBeGreaterThan(50);
    expect(heals.length).toBeGreaterThan(1);
  });
});
