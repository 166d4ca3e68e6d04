import { describe, expect, test } from "vitest";
import { FrameSink } from "../../server/http/frame-sink.ts";
import { FrameTemplate } from "../../server/log/delivery/frame.ts";
import { Outbox, type Wire } from "../../server/log/delivery/outbox.ts";
import { eventually } from "../kit/eventually.ts";

/** A network socket that takes everything at once. */
class OpenWire implements Wire {
  readonly writableLength = 0;
  text = "";

  write(bytes: Buffer, left?: () => void): boolean {
    this.text += bytes.toString();
    left?.();
    return true;
  }

  /** What has been told, by the value of each frame. */
  get told(): number[] {
    return [...this.text.matchAll(/"payload":\{"data":(\d+)\}/g)].map(([, value]) => Number(value));
  }
}

interface Rendering {
  resolve: () => void;
  reject: () => void;
}

/** A sink whose values are executed when the test says so, but for even ones, which are at once. */
function setUp() {
  const wire = new OpenWire();
  const state = { ends: 0, overflows: 0 };
  const outbox = new Outbox(
    () => wire,
    1_000_000,
    () => (state.overflows += 1),
  );
  const renderings = new Map<number, Rendering>();
  const sink = new FrameSink(
    outbox,
    "1",
    {
      frame: (value, idLength) => {
        const { number } = value as { number: number };
        const template = new FrameTemplate(Buffer.from(`{"data":${number}}`), idLength);
        if (number === 666) throw new Error("cannot be executed");
        if (number % 2 === 0) return template;
        return new Promise((resolve, reject) => {
          renderings.set(number, {
            resolve: () => resolve(template),
            reject: () => reject(new Error("the database is away")),
          });
        });
      },
    },
    () => (state.ends += 1),
  );
  const push = (...numbers: number[]): void => {
    for (const number of numbers) sink.push({ number });
  };
  const rendering = (number: number): Rendering => {
    const found = renderings.get(number);
    if (!found) throw new Error(`${number} is not being executed`);
    return found;
  };
  return { wire, state, sink, push, rendering };
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("what is told through one socket", () => {
  test("keeps its order, however long executing each takes", async () => {
    const { wire, sink, push, rendering } = setUp();
    push(2, 3, 4, 5, 6);
    expect(sink.ready).toBe(false);
    rendering(5).resolve();
    await turn();
    expect(wire.told).toEqual([2]);
    rendering(3).resolve();
    await eventually(() => expect(wire.told).toEqual([2, 3, 4, 5, 6]));
    await sink.drained();
    expect(sink.ready).toBe(true);
  });

  test.for(["before its turn", "in its turn"])(
    "ends where a value cannot be executed, %s, and leaves nothing out but what follows",
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
      // The next are ready, and more come before the stream has closed.
      rendering(5).resolve();
      push(8, 7, 10);
      await turn();
      await turn();
      expect(wire.told).toEqual([2, 1]);
    },
  );

  test("ends where executing a value throws", async () => {
    const { wire, state, push } = setUp();
    push(2, 666, 4);
    await eventually(() => expect(state.ends).toBe(1));
    push(6);
    await turn();
    expect(wire.told).toEqual([2]);
  });

  test("gives up on a receiver for whom too much waits for one value", async () => {
    const { state, push, rendering } = setUp();
    push(1);
    for (let number = 0; number < 1_999; number += 1) push(2);
    expect(state.overflows).toBe(0);
    push(2);
    expect(state.overflows).toBe(1);
    rendering(1).resolve();
  });
});
