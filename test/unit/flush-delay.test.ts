import { describe, expect, test } from "vitest";
import { FlushDelay } from "../../server/delivery/flush-delay.ts";

/** Returns the delay of each event, given the gaps between events and the duration of a write. */
function waits(gapsMs: readonly number[], writingMs: number): number[] {
  const pace = new FlushDelay();
  let now = 1_000;
  return gapsMs.map((gap) => {
    now += gap;
    const wait = pace.pause(now);
    now += wait;
    pace.recordWrite(now, now + writingMs);
    now += writingMs;
    return wait;
  });
}

describe("an event", () => {
  test("waits for a multiple of the write duration if events follow each other closely", () => {
    const waited = waits(Array<number>(50).fill(0.5), 1);
    expect(waited[0]).toBe(0);
    for (const wait of waited.slice(10)) expect(wait).toBeCloseTo(7.5);
  });

  test("waits for at most ten milliseconds", () => {
    for (const wait of waits(Array<number>(50).fill(0.5), 20)) expect(wait).toBeLessThanOrEqual(10);
  });

  test("does not wait if events are far apart, however long a write takes", () => {
    expect(waits(Array<number>(50).fill(25), 2)).toEqual(Array(50).fill(0));
  });

  test("does not wait if only an occasional event follows closely", () => {
    const waited = waits(
      Array.from({ length: 60 }, (_, index) => (index % 3 === 0 ? 2 : 40)),
      2,
    );
    expect(waited).toEqual(Array(60).fill(0));
  });

  test("stops waiting once events become rare", () => {
    const waited = waits([...Array<number>(50).fill(0.5), ...Array<number>(10).fill(100)], 1);
    expect(waited.slice(50)).toEqual(Array(10).fill(0));
  });
});
