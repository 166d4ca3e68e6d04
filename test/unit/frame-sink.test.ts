import { describe, expect, test } from "vitest";
import { FrameSink, type FrameSource } from "../../server/http/socket/frame-sink.ts";
import { SharedOperation } from "../../server/delivery/group.ts";
import { Outbox, type Wire } from "../../server/delivery/outbox.ts";
import { eventually } from "../kit/eventually.ts";

/** A network socket that accepts everything immediately. */
class OpenWire implements Wire {
  readonly writableLength = 0;
  text = "";

  write(bytes: Buffer, left?: () => void): boolean {
    this.text += bytes.toString();
    left?.();
    return true;
  }

  /** The sent values, one for each frame. */
  get sent(): number[] {
    return [...this.text.matchAll(/"payload":\{"data":(\d+)\}/g)].map(([, value]) => Number(value));
  }
}

interface Rendering {
  resolve: () => void;
  reject: () => void;
}

/** A sink that executes odd values when the test says so, and even ones immediately. */
function setUp() {
  const wire = new OpenWire();
  const state = { ends: 0, overflows: 0 };
  const outbox = new Outbox(
    { wire: () => wire, overflow: () => (state.overflows += 1) },
    1_000_000,
  );
  const renderings = new Map<number, Rendering>();
  const operation = new SharedOperation(
    "key",
    (value) => {
      const { number } = value as { number: number };
      if (number === 666) throw new Error("cannot be executed");
      if (number % 2 === 0) return `{"data":${number}}`;
      return new Promise((resolve, reject) => {
        renderings.set(number, {
          resolve: () => resolve(`{"data":${number}}`),
          reject: () => reject(new Error("the database is away")),
        });
      });
    },
    "shared",
  );
  class CountingSink extends FrameSink<FrameSource> {
    end(): void {
      state.ends += 1;
    }

    cancel(): void {
      this.silence();
    }
  }
  const sinkOf = (id: string): CountingSink => new CountingSink(outbox, id, operation);
  const sink = sinkOf("1");
  const push = (...numbers: number[]): void => {
    for (const number of numbers) sink.push({ number });
  };
  const rendering = (number: number): Rendering => {
    const found = renderings.get(number);
    if (!found) throw new Error(`${number} is not being executed`);
    return found;
  };
  return { wire, state, sink, sinkOf, push, rendering };
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("frames through one socket", () => {
  test("stop when the operation is over, including values in execution", async () => {
    const { wire, sink, push, rendering } = setUp();
    push(2, 3, 4);
    await eventually(() => expect(wire.sent).toEqual([2]));
    sink.cancel();
    rendering(3).resolve();
    push(6);
    sink.pushRun([{ number: 8 }, { number: 10 }]);
    await sink.drained();
    await turn();
    expect(wire.sent).toEqual([2]);
  });

  test("keep their order, however long each execution takes", async () => {
    const { wire, sink, push, rendering } = setUp();
    push(2, 3, 4, 5, 6);
    expect(sink.ready).toBe(false);
    rendering(5).resolve();
    await eventually(() => expect(wire.sent).toEqual([2]));
    rendering(3).resolve();
    await eventually(() => expect(wire.sent).toEqual([2, 3, 4, 5, 6]));
    await sink.drained();
    expect(sink.ready).toBe(true);
  });

  test.for(["before its turn", "in its turn"])(
    "end at a value that cannot be executed, %s, and skip only what follows",
    async (when) => {
      const { wire, state, push, rendering } = setUp();
      push(2, 1, 3, 4, 5, 6);
      if (when === "before its turn") {
        rendering(3).reject();
        await turn();
        rendering(1).resolve();
      } else {
        rendering(1).resolve();
        await turn();
        rendering(3).reject();
      }
      await eventually(() => expect(state.ends).toBe(1));
      // The next values are ready, and more arrive before the stream has closed.
      rendering(5).resolve();
      push(8, 7, 10);
      await turn();
      await eventually(() => expect(wire.sent).toEqual([2, 1]));
      await turn();
      expect(wire.sent).toEqual([2, 1]);
    },
  );

  test("end when an execution throws", async () => {
    const { wire, state, push } = setUp();
    push(2, 666, 4);
    await eventually(() => expect(state.ends).toBe(1));
    push(6);
    await eventually(() => expect(wire.sent).toEqual([2]));
    await turn();
    expect(wire.sent).toEqual([2]);
  });

  test("close a receiver when too many values wait for one", async () => {
    const { state, push, rendering } = setUp();
    push(1);
    for (let number = 0; number < 1_999; number += 1) push(2);
    expect(state.overflows).toBe(0);
    push(2);
    expect(state.overflows).toBe(1);
    rendering(1).resolve();
  });

  describe("as a run", () => {
    const run = (...numbers: number[]): object[] => numbers.map((number) => ({ number }));

    test("equal the single frames, with the id of each operation", async () => {
      const { wire, sink, sinkOf } = setUp();
      const values = run(2, 4, 6);
      const other = sinkOf("other");
      sink.pushRun(values);
      other.pushRun(values);
      sinkOf("2").pushRun(values);
      await eventually(() => expect(wire.sent).toEqual([2, 4, 6, 2, 4, 6, 2, 4, 6]));
      const ids = [...wire.text.matchAll(/"id":"(\w+)"/g)].map(([, id]) => id);
      expect(ids).toEqual(["1", "1", "1", "other", "other", "other", "2", "2", "2"]);
    });

    test("keep their order if one value needs a wait, and behind waiting values", async () => {
      const { wire, sink, rendering } = setUp();
      sink.pushRun(run(2, 3, 4));
      sink.pushRun(run(6, 8));
      await eventually(() => expect(wire.sent).toEqual([2]));
      rendering(3).resolve();
      await eventually(() => expect(wire.sent).toEqual([2, 3, 4, 6, 8]));
    });

    test("end at a value that cannot be executed, after the values before it", async () => {
      const { wire, state, sink } = setUp();
      sink.pushRun(run(2, 4, 666, 6));
      await eventually(() => expect(state.ends).toBe(1));
      sink.pushRun(run(8, 10));
      await turn();
      await eventually(() => expect(wire.sent).toEqual([2, 4]));
    });
  });
});
