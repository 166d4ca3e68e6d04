import { expect, test } from "vitest";
import { makeEventLoopBudget } from "../../server/log/event-loop-budget.ts";

/** Resolves in the next turn of the event loop, behind what is scheduled for it already. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a turn of the event loop lets in what it has room for, and the rest later, in order", async () => {
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

test("what no turn has room for is let in alone", async () => {
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
