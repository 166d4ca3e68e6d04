import { NetworkError, OverloadedError, ParleyError } from "@parley/sdk";
import {
  type KeyValueStorage,
  makeKeyValueOutboxStorage,
  makeOutbox,
  type Outbox,
  type OutboxItem,
} from "@parley/sdk/state";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

interface Sent {
  item: OutboxItem;
  succeed(): void;
  fail(error: Error): void;
}

let sends: Sent[];
let done: string[];
let outbox: Outbox;
let cells: Map<string, string>;

beforeEach(() => {
  vi.useFakeTimers();
  sends = [];
  done = [];
  cells = new Map();
  outbox = openOutbox();
});

afterEach(() => {
  outbox.stop();
  vi.useRealTimers();
});

/** The part of the browser's localStorage that the outbox uses. */
function cellStorage(): KeyValueStorage {
  return {
    get length() {
      return cells.size;
    },
    key: (index) => [...cells.keys()][index] ?? null,
    getItem: (key) => cells.get(key) ?? null,
    setItem: (key, value) => cells.set(key, value),
    removeItem: (key) => cells.delete(key),
  };
}

function openOutbox(storage = makeKeyValueOutboxStorage(cellStorage(), "outbox:ada:")): Outbox {
  return makeOutbox<string>({
    send: (item) =>
      new Promise((resolve, reject) => {
        sends.push({ item, succeed: () => resolve(`sent ${item.body}`), fail: reject });
      }),
    onSent: (message) => done.push(message),
    storage,
  });
}

/** Runs everything that is due without advancing time. */
async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

function bodies(): string[] {
  return sends.map(({ item }) => item.body);
}

function states(): string[] {
  return outbox.items.map(({ body, state }) => `${body} ${state}`);
}

function say(body: string, conversationId = "c1"): OutboxItem {
  return outbox.enqueue({ conversationId, body });
}

test("the outbox sends messages of one conversation one after the other, in order", async () => {
  say("one");
  say("two");
  await settled();
  expect(bodies()).toEqual(["one"]);
  expect(states()).toEqual(["one sending", "two queued"]);
  sends[0]?.succeed();
  await settled();
  expect(bodies()).toEqual(["one", "two"]);
  sends[1]?.succeed();
  await settled();
  expect(done).toEqual(["sent one", "sent two"]);
  expect(outbox.items).toEqual([]);
  expect(cells.size).toBe(0);
});

test("conversations in the outbox do not wait for each other", async () => {
  say("one", "c1");
  say("two", "c2");
  await settled();
  expect(bodies()).toEqual(["one", "two"]);
});

test("after a network failure, a message is sent again with the same clientId before later ones", async () => {
  const { clientId } = say("one");
  say("two");
  await settled();
  sends[0]?.fail(new NetworkError("gone"));
  await settled();
  expect(outbox.items[0]).toMatchObject({
    state: "queued",
    attempts: 1,
    error: { code: "NETWORK" },
  });
  await vi.advanceTimersByTimeAsync(500);
  expect(sends.map(({ item }) => item.clientId)).toEqual([clientId, clientId]);
  sends[1]?.succeed();
  await settled();
  expect(bodies()).toEqual(["one", "one", "two"]);
});

test("flush sends waiting messages when the connection is restored", async () => {
  say("one");
  await settled();
  sends[0]?.fail(new NetworkError("gone"));
  await settled();
  expect(bodies()).toEqual(["one"]);
  outbox.flush();
  await settled();
  expect(bodies()).toEqual(["one", "one"]);
  // The retry timer is cancelled too: nothing is sent twice.
  await vi.advanceTimersByTimeAsync(60_000);
  expect(bodies()).toEqual(["one", "one"]);
});

test("the outbox waits as long as an overloaded server asks", async () => {
  say("one");
  await settled();
  sends[0]?.fail(
    new OverloadedError({ code: "OVERLOADED", message: "Busy.", retryAfterMs: 9_000 }),
  );
  await vi.advanceTimersByTimeAsync(8_999);
  expect(bodies()).toEqual(["one"]);
  await vi.advanceTimersByTimeAsync(1);
  expect(bodies()).toEqual(["one", "one"]);
});

test("a rejected message fails alone, and can be retried or discarded", async () => {
  const one = say("one");
  say("two");
  await settled();
  sends[0]?.fail(new ParleyError("NotAMemberError", "NOT_A_MEMBER", "Join first."));
  await settled();
  expect(states()).toEqual(["one failed", "two sending"]);
  expect(outbox.items[0]?.error).toEqual({ code: "NOT_A_MEMBER", message: "Join first." });
  sends[1]?.succeed();
  await settled();
  outbox.retry(one.clientId);
  await settled();
  expect(sends.at(-1)?.item.clientId).toBe(one.clientId);
  expect(outbox.discard(one.clientId)).toBe(false);
  sends.at(-1)?.fail(new ParleyError("NotAMemberError", "NOT_A_MEMBER", "Join first."));
  await settled();
  expect(outbox.discard(one.clientId)).toBe(true);
  expect(outbox.items).toEqual([]);
  expect(cells.size).toBe(0);
});

test("an event that precedes the response settles the message, so onSent is not called", async () => {
  const { clientId } = say("one");
  say("two");
  await settled();
  outbox.settle(clientId);
  expect(states()).toEqual(["two queued"]);
  sends[0]?.succeed();
  await settled();
  expect(done).toEqual([]);
  expect(bodies()).toEqual(["one", "two"]);
});

test("a failed send whose event arrived is not retried", async () => {
  const { clientId } = say("one");
  await settled();
  outbox.settle(clientId);
  sends[0]?.fail(new NetworkError("gone"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(bodies()).toEqual(["one"]);
  expect(cells.size).toBe(0);
});

test("an event ends the retries when the response was lost", async () => {
  const { clientId } = say("one");
  await settled();
  sends[0]?.fail(new NetworkError("gone"));
  await settled();
  outbox.settle(clientId);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(bodies()).toEqual(["one"]);
  expect(cells.size).toBe(0);
});

test("the outbox of the next page sends unsent messages in order with the same clientIds", async () => {
  const left = [say("one"), say("two"), say("three", "c2")];
  await settled();
  outbox.stop();
  sends = [];
  outbox = openOutbox();
  await outbox.restore();
  say("four");
  await settled();
  expect(bodies()).toEqual(["one", "three"]);
  expect(outbox.items.map(({ clientId }) => clientId).slice(0, 3)).toEqual(
    left.map(({ clientId }) => clientId),
  );
  sends[0]?.succeed();
  await settled();
  sends[2]?.succeed();
  await settled();
  expect(bodies()).toEqual(["one", "three", "two", "four"]);
});

test("a failed message stays failed after a reload", async () => {
  say("one");
  await settled();
  sends[0]?.fail(new ParleyError("InvalidInputError", "INVALID_INPUT", "Too long."));
  await settled();
  outbox = openOutbox();
  await outbox.restore();
  await settled();
  expect(states()).toEqual(["one failed"]);
  expect(bodies()).toEqual(["one"]);
});

test("the outbox ignores foreign and corrupt entries in the storage", async () => {
  cells.set("theme", "dark");
  cells.set("outbox:ada:broken", "{");
  cells.set("outbox:ada:odd", '{"clientId":1}');
  await outbox.restore();
  expect(outbox.items).toEqual([]);
  expect(cells.size).toBe(3);
});

test("a storage failure is reported and does not block sending", async () => {
  const failures: unknown[] = [];
  const full = new Error("quota exceeded");
  outbox = makeOutbox<string>({
    send: async (item) => item.body,
    onSent: (message) => done.push(message),
    storage: {
      read: () => Promise.reject(full),
      put: () => {
        throw full;
      },
      remove: () => Promise.reject(full),
    },
    onStorageError: (error) => failures.push(error),
  });
  await outbox.restore();
  say("one");
  await settled();
  expect(done).toEqual(["one"]);
  expect(failures.length).toBeGreaterThanOrEqual(3);
});
