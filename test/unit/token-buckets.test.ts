import { expect, test } from "vitest";
import { makeTokenBuckets, parseWindows } from "../../server/infra/token-buckets.ts";

/** Buckets with a manual clock. */
function buckets(windows: string) {
  const clock = { now: 1_000_000 };
  const made = makeTokenBuckets({ windows: parseWindows(windows), now: () => clock.now });
  const takes = (count: number, key = "ada"): number[] =>
    Array.from({ length: count }, () => made.take(key));
  return { clock, made, takes };
}

test("a token bucket grants its tokens, then returns the time until the next one", () => {
  const { clock, takes } = buckets("5/10");
  expect(takes(5)).toEqual([0, 0, 0, 0, 0]);
  expect(takes(2)).toEqual([2_000, 2_000]);
  clock.now += 1_999;
  expect(takes(1)).toEqual([1]);
  clock.now += 1;
  expect(takes(2)).toEqual([0, 2_000]);
});

test("unused tokens do not accumulate beyond the bucket's size", () => {
  const { clock, takes } = buckets("5/10");
  takes(5);
  clock.now += 3_600_000;
  expect(takes(6)).toEqual([0, 0, 0, 0, 0, 2_000]);
});

test("every key has a separate token bucket", () => {
  const { takes } = buckets("1/10");
  expect([...takes(2, "ada"), ...takes(2, "bob")]).toEqual([0, 10_000, 0, 10_000]);
});

test("all windows of a limit apply, and a rejection takes a token from none", () => {
  const { clock, takes } = buckets("2/1,4/100");
  expect(takes(3)).toEqual([0, 0, 500]);
  clock.now += 1_000;
  // If the rejection had cost a token of the long window, the fourth would be rejected.
  expect(takes(2)).toEqual([0, 0]);
  clock.now += 1_000;
  expect(takes(1)).toEqual([23_000]);
});

test("a limit without a window is unlimited", () => {
  const { made, takes } = buckets("0");
  expect(new Set(takes(10_000))).toEqual(new Set([0]));
  expect(made.size).toBe(0);
});

test("a rate that does not divide evenly grants its full number of tokens", () => {
  for (const count of [3, 7, 49, 997]) {
    const { takes } = buckets(`${count}/10`);
    expect(takes(count).every((wait) => wait === 0)).toBe(true);
    expect(takes(1)[0]).toBeGreaterThan(0);
  }
});

test("full token buckets are dropped, so recent use bounds the memory", () => {
  const { clock, made } = buckets("5/10");
  for (let round = 0; round < 50; round += 1) {
    for (let i = 0; i < 1_000; i += 1) made.take(`${round} ${i}`);
    clock.now += 10_000;
  }
  expect(made.size).toBeLessThan(4_000);
});
