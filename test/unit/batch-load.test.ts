import { expect, test } from "vitest";
import { batchLoad } from "../../server/kernel/batch-load.ts";

/** Doubles numbers and records the batches. */
function setUp(limit = 100) {
  const reads: number[][] = [];
  const double = batchLoad((numbers: readonly number[]) => {
    reads.push([...numbers]);
    return numbers.includes(13)
      ? Promise.reject(new Error("unlucky"))
      : Promise.resolve(numbers.map((number) => 2 * number));
  }, limit);
  return { reads, double };
}

test("keys requested together share one read, and each gets its own value", async () => {
  const { reads, double } = setUp();
  expect(await Promise.all([double(1), double(2)])).toEqual([2, 4]);
  expect(await double(3)).toBe(6);
  expect(reads).toEqual([[1, 2], [3]]);
});

test("under load, keys requested slightly later share the read, too", async () => {
  const { reads, double } = setUp();
  await Promise.all([1, 2, 3, 4, 5].map(double));
  const later = [6, 7].map(double);
  await Promise.resolve();
  later.push(double(8));
  expect(await Promise.all(later)).toEqual([12, 14, 16]);
  expect(reads).toEqual([
    [1, 2, 3, 4, 5],
    [6, 7, 8],
  ]);
});

test("no batched read exceeds the limit, and a failed read rejects only its own keys", async () => {
  const { reads, double } = setUp(2);
  const answers = await Promise.allSettled([13, 1, 2, 3, 4].map(double));
  expect(answers.map(({ status }) => status)).toEqual([
    ...["rejected", "rejected", "fulfilled", "fulfilled", "fulfilled"],
  ]);
  expect(reads).toEqual([[13, 1], [2, 3], [4]]);
  expect(await double(5)).toBe(10);
});
