import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeDueTimer, type DueTimer } from "../../server/domain/schedule/due-timer.ts";
import { systemClock } from "../../server/kernel/clock.ts";

let checks: number[];
let due: number[];
let timer: DueTimer;
let failures: unknown[];
let broken: boolean;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  [checks, due, failures, broken] = [[], [], [], false];
  timer = makeDueTimer({
    clock: systemClock,
    work: () => {
      checks.push(Date.now());
      if (broken) return Promise.reject(new Error("no database"));
      due = due.filter((at) => at > Date.now());
      return Promise.resolve(due.length === 0 ? null : Math.min(...due));
    },
    failed: (error) => failures.push(error),
    maxIntervalMs: 60_000,
    minIntervalMs: 1_000,
  });
});

afterEach(async () => {
  await timer.stop();
  vi.useRealTimers();
});

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

test("the due timer checks for work at the start, at due times, and otherwise rarely", async () => {
  due = [5_000, 7_000];
  timer.start();
  await pass(10_000);
  expect(checks).toEqual([0, 5_000, 7_000]);
  await pass(120_000);
  expect(checks).toEqual([0, 5_000, 7_000, 67_000, 127_000]);
});

test("the due timer checks once at a scheduled time, however often that time is set", async () => {
  timer.start();
  await pass(10);
  for (const at of [9_000, 3_000, 3_000, 5_000]) {
    due.push(at);
    timer.setFor(at);
  }
  await pass(10_000);
  expect(checks).toEqual([0, 3_000, 5_000, 9_000]);
});

test("the due timer checks again after a pause when the work failed", async () => {
  broken = true;
  timer.start();
  await pass(1_500);
  expect(checks).toEqual([0, 1_000]);
  expect(failures).toHaveLength(2);
  broken = false;
  due = [2_500];
  await pass(2_000);
  expect(checks).toEqual([0, 1_000, 2_000, 2_500]);
});

test("the due timer does nothing before its start and after its stop", async () => {
  timer.setFor(10);
  await pass(100);
  expect(checks).toEqual([]);
  timer.start();
  timer.setFor(5_000);
  await pass(100);
  await timer.stop();
  timer.setFor(6_000);
  await pass(100_000);
  expect(checks).toEqual([100]);
});
