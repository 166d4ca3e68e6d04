import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OverloadedError } from "../../server/kernel/errors.ts";
import { makeBatchWriter, type Appended } from "../../server/log/batch-writer.ts";
import { eventually } from "../kit/eventually.ts";
import { eventAt } from "./memory-log.ts";

class ConnectionLost extends Error {}

/** A database that commits items that start with "bad" never, and everything else in order. */
class Table {
  /** The batches as they were tried. */
  readonly tries: string[][] = [];
  readonly rows: string[] = [];
  /** How many of the next writes fail as a lost connection does. */
  lost = 0;
  /** After how many writes the database goes away. */
  awayAfter = Number.POSITIVE_INFINITY;
  #gate: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;
  #writing = 0;

  /** Makes writes wait until `release`. */
  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  release(): void {
    this.#open();
  }

  readonly write = async (items: readonly string[]): Promise<Appended<string>[]> => {
    this.tries.push([...items]);
    this.#writing += 1;
    expect(this.#writing, "batches at once").toBe(1);
    await this.#gate;
    this.#writing -= 1;
    if (this.tries.length > this.awayAfter) throw new ConnectionLost("Connection refused");
    if (this.lost > 0) {
      this.lost -= 1;
      throw new ConnectionLost("Connection terminated");
    }
    if (items.some((item) => item.startsWith("bad"))) throw new Error("invalid byte sequence");
    return items.map((item) => {
      if (item.startsWith("refused")) return { outcome: `no ${item}`, event: null };
      const event = eventAt(this.rows.push(item));
      return { outcome: `${item}@${event.position}`, event };
    });
  };
}

function setUp(limits: { queueLimit?: number; batchLimit?: number } = {}) {
  const table = new Table();
  const announced: number[] = [];
  const writer = makeBatchWriter<string, string>({
    write: table.write,
    announce: (events) => announced.push(...events.map((event) => event.position)),
    isTransient: (error) => error instanceof ConnectionLost,
    queueLimit: 100,
    ...limits,
  });
  return { table, announced, writer };
}

describe("the batch writer", () => {
  test("writes a lone item at once, and together what comes together", async () => {
    const { table, writer } = setUp();
    expect(await writer.append("a")).toBe("a@1");
    await Promise.all(["b", "c", "d"].map((item) => writer.append(item)));
    expect(table.tries).toEqual([["a"], ["b", "c", "d"]]);
  });

  test("collects the next batch while one commits", async () => {
    const { table, writer } = setUp();
    table.hold();
    const first = writer.append("a");
    await eventually(() => expect(table.tries).toEqual([["a"]]));
    const rest = ["b", "c"].map((item) => writer.append(item));
    expect(writer.waiting).toBe(2);
    table.release();
    await Promise.all([first, ...rest]);
    expect(table.tries).toEqual([["a"], ["b", "c"]]);
    expect(writer.waiting).toBe(0);
  });

  describe("after several were acknowledged together", () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    /** Several turns of the event loop, in which no time goes by. */
    const turns = async (): Promise<void> => {
      for (let turn = 0; turn < 10; turn += 1)
        await new Promise((resolve) => setImmediate(resolve));
    };

    test("lets most of them come back before it writes again", async () => {
      const { table, writer } = setUp();
      await Promise.all(["a", "b", "c", "d"].map((item) => writer.append(item)));
      const first = writer.append("e");
      await turns();
      expect(table.tries).toHaveLength(1);
      const second = writer.append("f");
      await Promise.all([first, second]);
      expect(table.tries).toEqual([
        ["a", "b", "c", "d"],
        ["e", "f"],
      ]);
    });

    test("lets them come back also when telling them took long", async () => {
      const table = new Table();
      const writer = makeBatchWriter<string, string>({
        write: table.write,
        announce: () => vi.advanceTimersByTime(6),
        isTransient: () => false,
        queueLimit: 10,
      });
      await Promise.all(["a", "b", "c", "d"].map((item) => writer.append(item)));
      const first = writer.append("e");
      await turns();
      expect(table.tries).toHaveLength(1);
      await Promise.all([first, writer.append("f")]);
      expect(table.tries[1]).toEqual(["e", "f"]);
    });

    test("waits no longer than a moment for them", async () => {
      const { table, writer } = setUp();
      await Promise.all(["a", "b", "c", "d"].map((item) => writer.append(item)));
      const first = writer.append("e");
      await turns();
      expect(table.tries).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(5);
      expect(await first).toBe("e@5");
      // And whoever comes later than that is not kept at all.
      await vi.advanceTimersByTimeAsync(5);
      expect(await writer.append("f")).toBe("f@6");
      expect(table.tries.slice(1)).toEqual([["e"], ["f"]]);
    });
  });

  describe("with so many waiting that they need not wait for others", () => {
    const SIZE = 60;
    const batch = (name: string): string[] =>
      Array.from({ length: SIZE }, (_, index) => `${name}${index}`);

    /** Two batches, of which the second waits while the first is being written. */
    async function underWay(second: string[]) {
      const parts = setUp({ queueLimit: 1_000 });
      const { table, writer } = parts;
      table.hold();
      const written = batch("a").map((item) => writer.append(item));
      await eventually(() => expect(table.tries).toHaveLength(1));
      const waiting = second.map((item) => writer.append(item));
      return { ...parts, written, waiting };
    }

    test("writes them before it tells of those before, and tells in order", async () => {
      const { table, announced, writer, written, waiting } = await underWay(batch("b"));
      const triesWhenTold = written[0]?.then(() => table.tries.length);
      table.release();
      await Promise.all([...written, ...waiting]);
      expect(await triesWhenTold).toBe(2);
      expect(table.tries).toEqual([batch("a"), batch("b")]);
      expect(announced).toEqual(Array.from({ length: 2 * SIZE }, (_, index) => index + 1));
      await writer.idle();
    });

    test("lets one of them fail alone", async () => {
      const { table, announced, writer, written, waiting } = await underWay([...batch("b"), "bad"]);
      table.release();
      const results = await Promise.allSettled([...written, ...waiting]);
      expect(results.filter(({ status }) => status === "rejected")).toHaveLength(1);
      expect(results.at(-1)?.status).toBe("rejected");
      expect(announced).toHaveLength(2 * SIZE);
      expect(await writer.append("c")).toBe(`c@${2 * SIZE + 1}`);
    });

    test("turns only them away when the database stays away, and is idle after that", async () => {
      const { table, writer, written, waiting } = await underWay(batch("b"));
      table.awayAfter = 1;
      table.release();
      const [told, turnedAway] = await Promise.all(
        [written, waiting].map((items) => Promise.allSettled(items)),
      );
      expect(told?.every(({ status }) => status === "fulfilled")).toBe(true);
      for (const result of turnedAway ?? [])
        expect(result).toMatchObject({ status: "rejected", reason: { code: "OVERLOADED" } });
      await writer.idle();
      table.awayAfter = Number.POSITIVE_INFINITY;
      expect(await writer.append("c")).toBe(`c@${SIZE + 1}`);
    });
  });

  test("keeps the order of the calls, and announces in the order of the log", async () => {
    const { table, announced, writer } = setUp({ batchLimit: 7 });
    const items = Array.from({ length: 50 }, (_, index) => `m${index}`);
    const outcomes = await Promise.all(items.map((item) => writer.append(item)));
    expect(table.rows).toEqual(items);
    expect(outcomes).toEqual(items.map((item, index) => `${item}@${index + 1}`));
    expect(announced).toEqual(items.map((_, index) => index + 1));
    expect(Math.max(...table.tries.map((batch) => batch.length))).toBe(7);
  });

  test("announces only what was added to the log", async () => {
    const { announced, writer } = setUp();
    const outcomes = await Promise.all(["a", "refused", "b"].map((item) => writer.append(item)));
    expect(outcomes).toEqual(["a@1", "no refused", "b@2"]);
    expect(announced).toEqual([1, 2]);
  });

  test("announces in the order of the log also where a batch was numbered otherwise", async () => {
    const announced: number[] = [];
    const writer = makeBatchWriter<number, number>({
      write: (items) =>
        Promise.resolve(items.map((item) => ({ outcome: item, event: eventAt(item) }))),
      announce: (events) => announced.push(...events.map(({ position }) => position)),
      isTransient: () => false,
      queueLimit: 10,
    });
    await Promise.all([3, 1, 2].map((position) => writer.append(position)));
    expect(announced).toEqual([1, 2, 3]);
  });

  test("lets a poisoned item fail alone", async () => {
    const { table, writer } = setUp();
    const results = await Promise.allSettled(
      ["a", "bad", "b", "c"].map((item) => writer.append(item)),
    );
    expect(results).toMatchObject([
      { status: "fulfilled", value: "a@1" },
      { status: "rejected", reason: { message: "invalid byte sequence" } },
      { status: "fulfilled", value: "b@2" },
      { status: "fulfilled", value: "c@3" },
    ]);
    expect(table.rows).toEqual(["a", "b", "c"]);
    expect(await writer.append("d")).toBe("d@4");
  });

  test("writes the same items again after the connection was lost", async () => {
    const { table, announced, writer } = setUp();
    table.lost = 2;
    const outcomes = await Promise.all(["a", "b"].map((item) => writer.append(item)));
    expect(outcomes).toEqual(["a@1", "b@2"]);
    expect(table.tries).toEqual([
      ["a", "b"],
      ["a", "b"],
      ["a", "b"],
    ]);
    expect(announced).toEqual([1, 2]);
  });

  test("gives up with an error that asks to come back, and goes on with the next", async () => {
    const { table, writer } = setUp();
    table.lost = 3;
    const results = await Promise.allSettled(["a", "b"].map((item) => writer.append(item)));
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "OVERLOADED" } });
    }
    expect(await writer.append("c")).toBe("c@1");
  });

  test("turns away what does not fit into the queue, and nothing else", async () => {
    const { table, writer } = setUp({ queueLimit: 3 });
    table.hold();
    const running = writer.append("a");
    await eventually(() => expect(table.tries).toHaveLength(1));
    const waiting = ["b", "c", "d"].map((item) => writer.append(item));
    await expect(writer.append("e")).rejects.toBeInstanceOf(OverloadedError);
    table.release();
    expect(await Promise.all([running, ...waiting])).toEqual(["a@1", "b@2", "c@3", "d@4"]);
    expect(await writer.append("f")).toBe("f@5");
  });

  test("is idle when all is decided, failures included", async () => {
    const { table, writer } = setUp();
    table.hold();
    const decided = vi.fn();
    writer.append("a").then(decided, decided);
    writer.append("bad").then(decided, decided);
    const idle = writer.idle();
    table.release();
    await idle;
    expect(decided).toHaveBeenCalledTimes(2);
    await writer.idle();
  });

  test("fails the item that a batch forgot to answer", async () => {
    const writer = makeBatchWriter<string, string>({
      write: (items) =>
        Promise.resolve(items.slice(1).map((outcome) => ({ outcome, event: null }))),
      announce: () => undefined,
      isTransient: () => false,
      queueLimit: 10,
    });
    const results = await Promise.allSettled(["a", "b"].map((item) => writer.append(item)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });
});
