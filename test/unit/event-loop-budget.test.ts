import { expect, test } from "vitest";
import { makeEventLoopBudget } from "../../server/log/event-loop-budget.ts";

/** Resolves in the next event-loop turn, after everything already scheduled. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("an event-loop turn runs the work that fits, and later turns run the rest in order", async () => {
  const turns = makeEventLoopBudget(10);
  const done: number[] = [];
  for (const [index, amount] of [4, 6, 3, 8, 2].entries())
    void turns.take(amount).then(() => done.push(index));
  await Promise.resolve();
  expect(done).toEqual([0, 1]);
  await nextTurn();
  expect(done).toEqual([0, 1, 2]);
  await nextTurn();
  expect(done).toEqual([0, 1, 2, 3, 4]);
});

test("work larger than the budget of a turn runs alone", async () => {
  const turns = makeEventLoopBudget(10);
  const done: string[] = [];
  void turns.take(1).then(() => done.push("small"));
  void turns.take(50).then(() => done.push("large"));
  void turns.take(1).then(() => done.push("last"));
  await Promise.resolve();
  expect(done).toEqual(["small"]);
  await nextTurn();
  expect(done).toEqual(["small", "large"]);
  await nextTurn();
  expect(done).toEqual(["small", "large", "last"]);
});
