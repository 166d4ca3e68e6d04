import { afterEach, expect, test, vi } from "vitest";
import { OperationGroups } from "../../server/delivery/group.ts";

const PEOPLE = 5_000;
const PAGE = Array.from({ length: 100 }, (_, position) => ({ position }));

afterEach(() => {
  vi.useRealTimers();
});

test("a replay of many clients is rendered once, even if each client also receives other events", () => {
  // The cache expires after a second, so the test freezes the clock.
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
  // Each client receives Ready and then the page.
  for (let person = 0; person < PEOPLE; person += 1) {
    void operation.frame({ type: "READY", position: person, at: new Date(0) }, 3);
    for (const event of PAGE) void operation.frame(event, 3);
  }
  expect(rendered.size).toBe(PEOPLE + PAGE.length);
  expect([...rendered.values()].every((times) => times === 1)).toBe(true);
});

test("a value of one viewer is rendered again when it is requested after another", () => {
  let count = 0;
  const operation = new OperationGroups().join("key", () => String((count += 1)), "own");
  const [first, second] = [{}, {}];
  for (const value of [first, first, second, first]) void operation.frame(value, 3);
  expect(count).toBe(3);
});

test("clients that replay the same page share a frame until its content may be outdated", () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const groups = new OperationGroups();
  groups.join("key", () => "{}", "shared");
  const operation = groups.join("key", () => "{}", "shared");
  const pages = [PAGE.slice(0, 50), PAGE.slice(50)];
  const [first, second] = pages.map((page) => operation.run(page, 3));
  expect(first?.length).toBe(second?.length);
  expect(first).not.toBe(second);
  // Each call passes a separate copy of the page.
  expect(operation.run([...PAGE.slice(0, 50)], 3)).toBe(first);
  expect(operation.run([...PAGE.slice(50)], 3)).toBe(second);
  expect(operation.run(PAGE.slice(0, 49), 3)).not.toBe(first);
  expect(operation.run(PAGE.slice(0, 50), 4)).not.toBe(first);
  vi.advanceTimersByTime(1_000);
  expect(operation.run(PAGE.slice(0, 50), 3)).not.toBe(first);
});

test("a run with a value that needs a wait has no shared frame", () => {
  const operation = new OperationGroups().join(
    "key",
    (value) => (value === PAGE[1] ? Promise.resolve("{}") : "{}"),
    "shared",
  );
  expect(operation.run(PAGE.slice(0, 3), 3)).toBeNull();
  expect(operation.run(PAGE.slice(2, 5), 3)).not.toBeNull();
});
