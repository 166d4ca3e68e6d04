import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OverloadedError } from "../../server/kernel/errors.ts";
import { makeBatchWriter, type Appended } from "../../server/log/batch-writer.ts";
import { eventually } from "../kit/eventually.ts";
import { eventAt } from "./memory-log.ts";

class ConnectionLost extends Error {}

/** A database that never commits items starting with "bad", and commits all others in order. */
class Table {
  /** The attempted batches. */
  readonly tries: string[][] = [];
  readonly rows: string[] = [];
  /** Number of upcoming writes that fail with a lost connection. */
  lost = 0;
  /** Number of writes after which the database becomes unavailable. */
  awayAfter = Number.POSITIVE_INFINITY;
  #gate: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;
  #writing = 0;

  /** Blocks all writes until `release`. */
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
  const published: number[] = [];
  const writer = makeBatchWriter<string, string>({
    write: table.write,
    publish: (events) => published.push(...events.map((event) => event.position)),
    isTransient: (error) => error instanceof ConnectionLost,
    queueLimit: 100,
    ...limits,
  });
  return { table, published, writer };
}

describe("the batch writer", () => {
  test("writes a lone item immediately, and parallel items together", async () => {
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

  describe("after several acknowledgements together", () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    /** Runs several event-loop turns without advancing time. */
    const turns = async (): Promise<void> => {
      for (let turn = 0; turn < 10; turn += 1)
        await new Promise((resolve) => setImmediate(resolve));
    };

    test("waits for most senders to send again before the next write", async () => {
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

    test("waits for the senders even if acknowledging took long", async () => {
      const table = new Table();
      const writer = makeBatchWriter<string, string>({
        write: table.write,
        publish: () => vi.advanceTimersByTime(6),
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

    test("waits for the senders only for a moment", async () => {
      const { table, writer } = setUp();
      await Promise.all(["a", "b", "c", "d"].map((item) => writer.append(item)));
      const first = writer.append("e");
      await turns();
      expect(table.tries).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(5);
      expect(await first).toBe("e@5");
      // Later sends are written without a wait.
      await vi.advanceTimersByTimeAsync(5);
      expect(await writer.append("f")).toBe("f@6");
      expect(table.tries.slice(1)).toEqual([["e"], ["f"]]);
    });
  });

  describe("with more waiting items than needed for a batch", () => {
    const SIZE = 60;
    const batch = (name: string): string[] =>
      Array.from({ length: SIZE }, (_, index) => `${name}${index}`);

    /** Two batches; the second waits while the first is being written. */
    async function underWay(second: string[]) {
      const parts = setUp({ queueLimit: 1_000 });
      const { table, writer } = parts;
      table.hold();
      const written = batch("a").map((item) => writer.append(item));
      await eventually(() => expect(table.tries).toHaveLength(1));
      const waiting = second.map((item) => writer.append(item));
      return { ...parts, written, waiting };
    }

    test("starts the next write before it acknowledges the previous batch, and acknowledges in order", async () => {
      const { table, published, writer, written, waiting } = await underWay(batch("b"));
      const triesWhenAcknowledged = written[0]?.then(() => table.tries.length);
      table.release();
      await Promise.all([...written, ...waiting]);
      expect(await triesWhenAcknowledged).toBe(2);
      expect(table.tries).toEqual([batch("a"), batch("b")]);
      expect(published).toEqual(Array.from({ length: 2 * SIZE }, (_, index) => index + 1));
      await writer.idle();
    });

    test("fails only the rejected item", async () => {
      const { table, published, writer, written, waiting } = await underWay([...batch("b"), "bad"]);
      table.release();
      const results = await Promise.allSettled([...written, ...waiting]);
      expect(results.filter(({ status }) => status === "rejected")).toHaveLength(1);
      expect(results.at(-1)?.status).toBe("rejected");
      expect(published).toHaveLength(2 * SIZE);
      expect(await writer.append("c")).toBe(`c@${2 * SIZE + 1}`);
    });

    test("rejects only the waiting items while the database is unavailable, and is idle afterwards", async () => {
      const { table, writer, written, waiting } = await underWay(batch("b"));
      table.awayAfter = 1;
      table.release();
      const [acknowledged, rejected] = await Promise.all(
        [written, waiting].map((items) => Promise.allSettled(items)),
      );
      expect(acknowledged?.every(({ status }) => status === "fulfilled")).toBe(true);
      for (const result of rejected ?? [])
        expect(result).toMatchObject({ status: "rejected", reason: { code: "OVERLOADED" } });
      await writer.idle();
      table.awayAfter = Number.POSITIVE_INFINITY;
      expect(await writer.append("c")).toBe(`c@${SIZE + 1}`);
    });
  });

  test("keeps the order of calls, and publishes in log order", async () => {
    const { table, published, writer } = setUp({ batchLimit: 7 });
    const items = Array.from({ length: 50 }, (_, index) => `m${index}`);
    const outcomes = await Promise.all(items.map((item) => writer.append(item)));
    expect(table.rows).toEqual(items);
    expect(outcomes).toEqual(items.map((item, index) => `${item}@${index + 1}`));
    expect(published).toEqual(items.map((_, index) => index + 1));
    expect(Math.max(...table.tries.map((batch) => batch.length))).toBe(7);
  });

  test("publishes only events added to the log", async () => {
    const { published, writer } = setUp();
    const outcomes = await Promise.all(["a", "refused", "b"].map((item) => writer.append(item)));
    expect(outcomes).toEqual(["a@1", "no refused", "b@2"]);
    expect(published).toEqual([1, 2]);
  });

  test("publishes in log order even if a batch was numbered differently", async () => {
    const published: number[] = [];
    const writer = makeBatchWriter<number, number>({
      write: (items) =>
        Promise.resolve(items.map((item) => ({ outcome: item, event: eventAt(item) }))),
      publish: (events) => published.push(...events.map(({ position }) => position)),
      isTransient: () => false,
      queueLimit: 10,
    });
    await Promise.all([3, 1, 2].map((position) => writer.append(position)));
    expect(published).toEqual([1, 2, 3]);
  });

  test("rejects an item that fails its batch, and writes the others", async () => {
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

  test("writes the same items again after a lost connection", async () => {
    const { table, published, writer } = setUp();
    table.lost = 2;
    const outcomes = await Promise.all(["a", "b"].map((item) => writer.append(item)));
    expect(outcomes).toEqual(["a@1", "b@2"]);
    expect(table.tries).toEqual([
      ["a", "b"],
      ["a", "b"],
      ["a", "b"],
    ]);
    expect(published).toEqual([1, 2]);
  });

  test("rejects with a retryable error after the last attempt, and continues with the next batch", async () => {
    const { table, writer } = setUp();
    table.lost = 3;
    const results = await Promise.allSettled(["a", "b"].map((item) => writer.append(item)));
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "OVERLOADED" } });
    }
    expect(await writer.append("c")).toBe("c@1");
  });

  test("rejects only the items beyond the queue limit", async () => {
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

  test("is idle when all items are settled, including failures", async () => {
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

  test("rejects an item without a result", async () => {
    const writer = makeBatchWriter<string, string>({
      write: (items) =>
        Promise.resolve(items.slice(1).map((outcome) => ({ outcome, event: null }))),
      publish: () => undefined,
      isTransient: () => false,
      queueLimit: 10,
    });
    const results = await Promise.allSettled(["a", "b"].map((item) => writer.append(item)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });
});
