import type { ValueSink } from "../graphql/stream-field.ts";
import { encodeOperationId, type FrameTemplate } from "../log/delivery/frame.ts";
import type { Outbox } from "../log/delivery/outbox.ts";

/** Values that may wait for one that takes long to execute, before their receiver counts as too slow. */
const WAITING_VALUES = 2_000;

/**
 * Turns values into frames for one operation, in order, also where executing one has to wait. When one
 * cannot be executed the operation ends, and nothing that comes after it is told: whoever asks again goes
 * on from what came before.
 *
 * @param outbox      where the frames go
 * @param operationId as the client has it
 * @param frame       executes a value; gets the bytes of the encoded operation id
 * @param end         ends the operation; may be called again
 */
export function makeFrameSink(
  outbox: Outbox,
  operationId: string,
  frame: (value: object, idLength: number) => FrameTemplate | Promise<FrameTemplate>,
  end: () => void,
): ValueSink<object> {
  const id = encodeOperationId(operationId);
  let waiting: Promise<void> | null = null;
  let inLine = 0;
  let isBroken = false;
  const fail = (): void => {
    isBroken = true;
    end();
  };
  const add = async (rendering: Promise<FrameTemplate>): Promise<void> => {
    try {
      const template = await rendering;
      if (!isBroken) outbox.add(template, id);
    } catch {
      fail();
    }
  };
  return {
    push: (value) => {
      if (isBroken) return;
      if (inLine >= WAITING_VALUES) {
        outbox.giveUp();
        return;
      }
      let template: FrameTemplate | Promise<FrameTemplate>;
      try {
        template = frame(value, id.length);
      } catch {
        template = Promise.reject(new Error("a value could not be executed"));
      }
      if (waiting === null && !(template instanceof Promise)) {
        outbox.add(template, id);
        return;
      }
      inLine += 1;
      const rendering = Promise.resolve(template);
      // Its turn comes later than its failure may.
      rendering.catch(() => undefined);
      const turn: Promise<void> = (waiting ?? Promise.resolve()).then(async () => {
        await add(rendering);
        inLine -= 1;
        if (waiting === turn) waiting = null;
      });
      waiting = turn;
    },
    get ready() {
      return waiting === null && outbox.hasRoom;
    },
    drained: async () => {
      if (waiting !== null) await waiting;
      await outbox.drained();
    },
    end,
  };
}
