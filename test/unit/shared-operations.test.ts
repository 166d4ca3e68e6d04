import { afterEach, expect, test, vi } from "vitest";
import { OperationGroups } from "../../server/log/delivery/group.ts";

const PEOPLE = 5_000;
const PAGE = Array.from({ length: 100 }, (_, position) => ({ position }));

afterEach(() => {
  vi.useRealTimers();
});

test("what many who come back are told is rendered once, whatever each is told alone besides", () => {
  // What is remembered is forgotten every second, which must not pass here.
  vi.useFakeTimers({ toFake: ["Date"] });
  const rendered = new Map<object, number>();
  const operation = new OperationGroups().join(
    "key",
    (value) => {
      rendered.set(value, (rendered.get(value) ?? 0) + 1);
      return "{}";
    },
    "shared",
  );
  // All are told that their stream is ready, then the page, one after the other as their turns come.
  for (let person = 0; person < PEOPLE; person += 1) {
    void operation.frame({ type: "READY", position: person, at: new Date(0) }, 3);
    for (const event of PAGE) void operation.frame(event, 3);
  }
  expect(rendered.size).toBe(PEOPLE + PAGE.length);
  expect([...rendered.values()].every((times) => times === 1)).toBe(true);
});

test("what a viewer alone is told is rendered for each time that it is asked for after another", () => {
  let count = 0;
  const operation = new OperationGroups().join("key", () => String((count += 1)), "own");
  const [first, second] = [{}, {}];
  for (const value of [first, first, second, first]) void operation.frame(value, 3);
  expect(count).toBe(3);
});
