import { makeTimeline, type Timeline } from "@parley/sdk/state";
import { beforeEach, expect, test, vi } from "vitest";

interface Message {
  id: string;
  seq: number;
  clientId: string | null;
  author: string;
  body?: string;
  editedAt?: string | null;
  deletedAt?: string | null;
}

function message(seq: number, author = "bob", clientId: string | null = null): Message {
  return { id: `m${seq}`, seq, author, clientId };
}

function page(from: number, to: number, hasPreviousPage = from > 1) {
  const messages = Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
  return { messages, hasPreviousPage };
}

let timeline: Timeline<Message, { clientId: string }>;

beforeEach(() => {
  timeline = makeTimeline({ isOwn: ({ author }) => author === "ada" });
});

function keys(): string[] {
  return timeline.entries.map((entry) => entry.key);
}

test("pages and live messages merge by seq, in any order and with repeats", () => {
  timeline.add(message(8));
  timeline.addPage(page(4, 7));
  timeline.addPage(page(1, 5, false));
  timeline.add(message(7));
  expect(keys()).toEqual(["m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8"]);
  expect(timeline.holes).toEqual([]);
  expect(timeline.loaded).toEqual({ first: 1, last: 8 });
});

test("hasOlder is true if older messages exist", () => {
  expect(timeline.hasOlder).toBe(false);
  timeline.expect(9);
  expect(timeline.hasOlder).toBe(true);
  timeline.addPage(page(5, 9));
  expect(timeline.hasOlder).toBe(true);
  timeline.addPage(page(3, 4, false));
  // The server reports that no earlier messages are visible to the viewer.
  expect(timeline.hasOlder).toBe(false);
});

test("an empty conversation has no older messages", () => {
  timeline.addPage({ messages: [], hasPreviousPage: false });
  expect(timeline.hasOlder).toBe(false);
  expect(timeline.loaded).toBeUndefined();
});

test("the newest page of a long conversation keeps the known beginning", () => {
  timeline.addPage(page(1, 3, false));
  timeline.addPage(page(90, 99));
  expect(timeline.hasOlder).toBe(false);
  expect(timeline.holes).toEqual([{ first: 4, last: 89 }]);
});

test("holes in the timeline are reported until they are filled", () => {
  timeline.addPage(page(1, 3, false));
  timeline.add(message(6));
  expect(timeline.holes).toEqual([{ first: 4, last: 5 }]);
  timeline.expect(8);
  expect(timeline.holes).toEqual([
    { first: 4, last: 5 },
    { first: 7, last: 8 },
  ]);
  timeline.addPage(page(3, 6));
  timeline.addPage(page(7, 8));
  expect(timeline.holes).toEqual([]);
});

test("a seq that a page skips does not exist and is not a hole", () => {
  timeline.addPage({ messages: [message(1), message(2), message(5)], hasPreviousPage: false });
  expect(timeline.holes).toEqual([]);
});

test("a pending message becomes a sent one under the same key, without a duplicate", () => {
  timeline.add(message(1));
  timeline.setPending([{ clientId: "a" }, { clientId: "b" }]);
  expect(keys()).toEqual(["m1", "a", "b"]);
  timeline.add(message(2, "ada", "a"));
  expect(keys()).toEqual(["m1", "a", "b"]);
  expect(timeline.entries.map(({ kind }) => kind)).toEqual(["message", "message", "pending"]);
  // The outbox may hold the message briefly after its event arrived.
  timeline.setPending([{ clientId: "a" }, { clientId: "b" }]);
  expect(keys()).toEqual(["m1", "a", "b"]);
});

test("another user's clientId does not match the viewer's pending messages", () => {
  timeline.setPending([{ clientId: "a" }]);
  timeline.add(message(1, "mallory", "a"));
  expect(keys()).toEqual(["m1", "a"]);
});

test("unchanged entries stay the same objects", () => {
  const pending = { clientId: "a" };
  timeline.add(message(1));
  timeline.setPending([pending]);
  const [first, second] = timeline.entries;
  timeline.add(message(2));
  timeline.setPending([pending, { clientId: "b" }]);
  expect(timeline.entries[0]).toBe(first);
  expect(timeline.entries[2]).toBe(second);
});

test("a newer version of a message replaces the older one", () => {
  timeline.addPage(page(1, 2));
  timeline.add({ ...message(2), author: "changed" });
  expect(timeline.entries.length).toBe(2);
  expect(timeline.entries[1]).toMatchObject({ message: { author: "changed" } });
});

const EDITED = { body: "edited", editedAt: "2026-01-01T00:00:01.000Z" };

/** The bodies of the sent messages. */
function bodies(): (string | undefined)[] {
  return timeline.entries.map((entry) =>
    entry.kind === "message" ? entry.message.body : undefined,
  );
}

test("update replaces a loaded message and adds no message that is not loaded", () => {
  timeline.addPage(page(4, 6));
  timeline.update({ ...message(5), ...EDITED });
  timeline.update({ ...message(2), ...EDITED });
  expect(keys()).toEqual(["m4", "m5", "m6"]);
  expect(bodies()).toEqual([undefined, "edited", undefined]);
  expect(timeline.loaded).toEqual({ first: 4, last: 6 });
  expect(timeline.holes).toEqual([]);
});

test("a page loaded before a change does not restore the old text", () => {
  timeline.addPage(page(3, 4));
  timeline.update({ ...message(2), ...EDITED });
  timeline.update({ ...message(4), ...EDITED });
  timeline.addPage(page(1, 4, false));
  expect(bodies()).toEqual([undefined, "edited", undefined, "edited"]);
  timeline.update({ ...message(4), body: "", deletedAt: "2026-01-01T00:00:02.000Z" });
  timeline.add({ ...message(4), ...EDITED });
  expect(bodies()).toEqual([undefined, "edited", undefined, ""]);
});

test("a page loaded after a change replaces its text", () => {
  timeline.addPage(page(1, 2, false));
  timeline.update({ ...message(2), ...EDITED });
  const newer = { ...message(2), body: "later", editedAt: "2026-01-01T00:00:09.000Z" };
  timeline.addPage({ messages: [newer], hasPreviousPage: true });
  expect(bodies()).toEqual([undefined, "later"]);
});

test("clear removes all messages except pending ones", () => {
  timeline.addPage(page(1, 3, false));
  timeline.setPending([{ clientId: "a" }]);
  timeline.clear();
  expect(keys()).toEqual(["a"]);
  expect(timeline.holes).toEqual([]);
  timeline.addPage(page(5, 6));
  expect(timeline.hasOlder).toBe(true);
});

test("listeners are notified of changes until they unsubscribe", () => {
  const listener = vi.fn();
  const unsubscribe = timeline.subscribe(listener);
  timeline.add(message(1));
  timeline.expect(1);
  expect(listener).toHaveBeenCalledTimes(1);
  unsubscribe();
  timeline.add(message(2));
  expect(listener).toHaveBeenCalledTimes(1);
});
