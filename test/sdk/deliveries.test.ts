import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeDeliveries, type Deliveries } from "../../sdk/src/deliveries.ts";

let sent: { conversationId: string; seq: number }[][];
let fails: boolean;
let deliveries: Deliveries;

beforeEach(() => {
  vi.useFakeTimers();
  [sent, fails] = [[], false];
  deliveries = makeDeliveries((marks) => {
    sent.push(marks);
    return fails ? Promise.reject(new Error("lost")) : Promise.resolve();
  });
});

afterEach(() => {
  deliveries.stop();
  vi.useRealTimers();
});

const second = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1_000);

test("delivery acknowledgements cover the newest message of each conversation, at most once a second", async () => {
  for (const seq of [1, 3, 2]) deliveries.arrived("a", seq);
  deliveries.arrived("b", 7);
  expect(sent).toEqual([]);
  await second();
  const both = [
    { conversationId: "a", seq: 3 },
    { conversationId: "b", seq: 7 },
  ];
  expect(sent).toEqual([both]);
  await second();
  expect(sent).toHaveLength(1);
  deliveries.arrived("a", 4);
  await second();
  expect(sent.at(-1)).toEqual([{ conversationId: "a", seq: 4 }]);
});

test("failed delivery acknowledgements are retried with the next batch", async () => {
  fails = true;
  deliveries.arrived("a", 5);
  await second();
  fails = false;
  deliveries.arrived("b", 1);
  deliveries.arrived("a", 4);
  await second();
  expect(sent.at(-1)).toEqual(
    expect.arrayContaining([
      { conversationId: "a", seq: 5 },
      { conversationId: "b", seq: 1 },
    ]),
  );
});

test("delivery acknowledgements cover at most a hundred conversations per request", async () => {
  for (let n = 0; n < 250; n += 1) deliveries.arrived(`conversation ${n}`, 1);
  for (let turn = 0; turn < 3; turn += 1) await second();
  expect(sent.map((marks) => marks.length)).toEqual([100, 100, 50]);
});

test("delivery acknowledgements are not sent after the stop", async () => {
  deliveries.arrived("a", 1);
  deliveries.stop();
  await second();
  deliveries.arrived("a", 2);
  await second();
  expect(sent).toEqual([]);
});
