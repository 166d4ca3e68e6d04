import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LogEvent } from "../../server/log/event.ts";
import { makeTail, type Tail } from "../../server/log/tail.ts";
import { definitions, eventAt, MemoryLog } from "./memory-log.ts";
import { makeRandom, newSeed } from "./random.ts";

const KNOWN = "SESSION_ENDED";

let store: MemoryLog;
let tail: Tail;
let delivered: number[];
let warnings: string[];
let healthy: boolean;

function types(count: number): string[] {
  return Array.from({ length: count }, () => KNOWN);
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

beforeEach(() => {
  store = new MemoryLog();
  delivered = [];
  warnings = [];
  healthy = true;
  tail = makeTail({
    definitions,
    store,
    logger: pino({ level: "warn" }, { write: (line: string) => void warnings.push(line) }),
    busIsHealthy: () => healthy,
    deliver: (events) => void delivered.push(...events.map(({ position }) => position)),
  });
});

afterEach(() => {
  tail.stop();
  vi.useRealTimers();
});

describe("an accepted batch", () => {
  test("in order is delivered immediately without a read", async () => {
    await tail.start();
    const events = store.commit(...types(5));
    tail.accept(events.slice(0, 2));
    expect(delivered).toEqual([1, 2]);
    tail.accept(events.slice(2));
    expect(delivered).toEqual(upTo(5));
    expect(tail.position).toBe(5);
    expect(store.reads).toBe(0);
  });

  test("starts after the head at the start", async () => {
    store.commit(...types(3));
    await tail.start();
    expect(tail.position).toBe(3);
    tail.accept(store.commit(KNOWN));
    expect(delivered).toEqual([4]);
  });

  test("out of order is delivered in order", async () => {
    await tail.start();
    const events = store.commit(...types(6));
    tail.accept(events.slice(4));
    tail.accept(events.slice(1, 4));
    expect(delivered).toEqual([]);
    tail.accept(events.slice(0, 1));
    expect(delivered).toEqual(upTo(6));
    expect(store.reads).toBe(0);
  });

  test("duplicated or overlapping is delivered once", async () => {
    await tail.start();
    const events = store.commit(...types(6));
    for (const [from, to] of [
      [0, 3],
      [0, 3],
      [1, 4],
      [0, 6],
      [3, 6],
    ]) {
      tail.accept(events.slice(from, to));
    }
    expect(delivered).toEqual(upTo(6));
  });

  test("with types unknown to this version keeps its position without them", async () => {
    await tail.start();
    tail.accept(store.commit(KNOWN, "FROM_THE_FUTURE", KNOWN));
    expect(delivered).toEqual([1, 3]);
    expect(tail.position).toBe(3);
  });

  test("that is empty changes nothing", async () => {
    await tail.start();
    tail.accept([]);
    expect(tail.position).toBe(0);
  });
});

describe("a lost event", () => {
  test("in the middle is read from the store quickly, before later ones are delivered", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    await tail.start();
    const events = store.commit(...types(5));
    tail.accept(events.slice(0, 1));
    tail.accept(events.slice(3));
    expect(delivered).toEqual([1]);
    // Far less than the idle interval of a quiet tail.
    await vi.advanceTimersByTimeAsync(100);
    expect(delivered).toEqual(upTo(5));
    expect(store.reads).toBe(1);
  });

  test.for([0, 1, 250, 390, 410, 799])(
    "at the end is found within a second without a later event, %i ms after the last batch",
    async (since) => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
      await tail.start();
      await vi.advanceTimersByTimeAsync(300);
      tail.accept(store.commit(KNOWN));
      await vi.advanceTimersByTimeAsync(since);
      store.commit(...types(2));
      await vi.advanceTimersByTimeAsync(1_000);
      expect(delivered).toEqual(upTo(3));
    },
  );

  test("while the bus is down is found within the shorter interval", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    healthy = false;
    await tail.start();
    store.commit(...types(3));
    await vi.advanceTimersByTimeAsync(250);
    expect(delivered).toEqual(upTo(3));
  });

  test("is not looked up in the store while the bus delivers", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    await tail.start();
    for (let i = 0; i < 20; i += 1) {
      await vi.advanceTimersByTimeAsync(200);
      tail.accept(store.commit(KNOWN));
    }
    expect(delivered).toEqual(upTo(20));
    expect(store.reads).toBe(0);
  });

  test("in many pages is read to the end", async () => {
    await tail.start();
    store.commit(...types(2_500));
    await tail.catchUp();
    expect(delivered).toEqual(upTo(2_500));
    expect(store.reads).toBe(3);
  });

  test("that cannot be loaded does not stop later ones", async () => {
    await tail.start();
    store.rows.push({ position: 1, event: eventAt(1) }, { position: 2, event: null });
    store.rows.push({ position: 3, event: eventAt(3) });
    await tail.catchUp();
    expect(delivered).toEqual([1, 3]);
    expect(tail.position).toBe(3);
  });

  test("that was deleted meanwhile does not stop later ones", async () => {
    await tail.start();
    for (let position = 50; position <= 60; position += 1) {
      store.rows.push({ position, event: eventAt(position) });
    }
    await tail.catchUp();
    expect(delivered).toEqual(upTo(60).slice(49));
    expect(tail.recentAfter(10)).toBeNull();
  });

  test("is delivered once if the bus also delivers it during the read", async () => {
    await tail.start();
    const events = store.commit(...types(4));
    const reading = tail.catchUp();
    tail.accept(events.slice(0, 3));
    await reading;
    expect(delivered).toEqual(upTo(4));
  });

  test("is delivered once the store can be read again, with one warning", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    healthy = false;
    await tail.start();
    const events = store.commit(...types(3));
    store.failure = new Error("the database is away");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(store.reads).toBeGreaterThan(3);
    expect(warnings).toHaveLength(1);
    store.failure = null;
    tail.accept(events.slice(2));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(delivered).toEqual(upTo(3));
  });
});

describe("events in memory", () => {
  test("are those after a position; null if earlier ones are missing", async () => {
    store.commit(...types(3));
    await tail.start();
    tail.accept(store.commit(...types(4)));
    expect(tail.recentAfter(2)).toBeNull();
    const after = (position: number): number[] | undefined =>
      tail.recentAfter(position)?.map((event) => event.position);
    expect(after(3)).toEqual([4, 5, 6, 7]);
    expect(after(5)).toEqual([6, 7]);
    expect(after(7)).toEqual([]);
  });

  test("are bounded in number and have no gap", async () => {
    await tail.start();
    for (let batch = 0; batch < 40; batch += 1) tail.accept(store.commit(...types(500)));
    const oldest = upTo(20_000).find((position) => tail.recentAfter(position) !== null) ?? 0;
    expect(oldest).toBeGreaterThan(20_000 - 2 * 8_192 - 500);
    expect(tail.recentAfter(oldest)?.map((event) => event.position)).toEqual(
      upTo(20_000).slice(oldest),
    );
  });
});

describe("events from before the start", () => {
  const after = (position: number): number[] | undefined =>
    tail.recentAfter(position)?.map((event) => event.position);

  test("are read once for all parallel callers, and join those in memory", async () => {
    store.commit(...types(1_500));
    await tail.start();
    tail.accept(store.commit(...types(2)));
    const answers = await Promise.all([1_400, 1_450, 400].map((from) => tail.loadOlder(from)));
    expect(answers).toEqual([true, true, true]);
    expect(store.reads).toBe(2);
    expect(after(400)).toEqual(upTo(1_502).slice(400));
    await tail.loadOlder(700);
    expect(store.reads).toBe(2);
    expect(delivered).toEqual([1_501, 1_502]);
  });

  test("are not read if they are too far back or pruned", async () => {
    store.commit(...types(20_000));
    await tail.start();
    expect(await tail.loadOlder(2_000)).toBe(false);
    expect(after(15_000)).toEqual(upTo(20_000).slice(15_000));
    store.rows.splice(0, 19_000);
    tail.stop();
    tail = makeTail({
      definitions,
      store,
      logger: pino({ level: "silent" }),
      busIsHealthy: () => true,
      deliver: () => undefined,
    });
    await tail.start();
    expect(await tail.loadOlder(18_500)).toBe(false);
    expect(after(18_999)).toBeUndefined();
    expect(after(19_000)).toEqual(upTo(20_000).slice(19_000));
  });
});

describe("waiting for a position", () => {
  test("ends immediately if it is delivered, otherwise with its delivery", async () => {
    await tail.start();
    const events = store.commit(...types(2));
    tail.accept(events.slice(0, 1));
    await tail.waitFor(1);
    await tail.waitFor(2);
    expect(delivered).toEqual([1, 2]);
  });

  test("has a limit", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    await tail.start();
    const failed = expect(tail.waitFor(7)).rejects.toThrow("Position 7 was not reached");
    await vi.advanceTimersByTimeAsync(5_001);
    await failed;
  });
});

test("after its stop the tail reads nothing more", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  healthy = false;
  await tail.start();
  tail.stop();
  store.commit(KNOWN);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(store.reads).toBe(0);
});

/** Splits events into contiguous pieces of random sizes; some are lost, duplicated or late. */
function journeyOf(events: readonly LogEvent[], random: ReturnType<typeof makeRandom>) {
  const arrivals: { at: number; batch: readonly LogEvent[] }[] = [];
  for (let from = 0; from < events.length;) {
    const size = 1 + random.below(8);
    const batch = events.slice(from, from + size);
    from += size;
    const copies = random.chance(0.2) ? 0 : random.chance(0.2) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      arrivals.push({ at: from + (random.chance(0.3) ? random.below(60) : 0), batch });
    }
  }
  return arrivals.sort((a, b) => a.at - b.at);
}

test("each event is delivered once and in order, despite lost, duplicated and late batches", async () => {
  const seed = newSeed();
  const random = makeRandom(seed);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  await tail.start();
  let committed = 0;
  for (const { at, batch } of journeyOf(
    upTo(3_000).map((n) => eventAt(n)),
    random,
  )) {
    // Every delivered batch is already committed.
    const known = Math.max(at, batch.at(-1)?.position ?? 0);
    if (known > committed) store.commit(...types(Math.min(known, 3_000) - committed));
    committed = Math.max(committed, Math.min(known, 3_000));
    tail.accept(batch);
    if (random.chance(0.3)) await vi.advanceTimersByTimeAsync(random.below(40));
    expect(delivered, `seed ${seed}`).toEqual(upTo(delivered.length));
  }
  store.commit(...types(3_000 - committed));
  await vi.advanceTimersByTimeAsync(3_000);
  expect(delivered, `seed ${seed}`).toEqual(upTo(3_000));
});
