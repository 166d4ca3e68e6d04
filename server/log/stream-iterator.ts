import type { StreamEvent } from "./event.ts";
import type { EventStream, Sink } from "./stream.ts";

/** Maximum number of buffered events before the stream ends with an error. */
const BUFFER_LIMIT = 2_000;

/**
 * Wraps a stream in an async iterator. It is written by hand, because `return()` of an async generator
 * has no effect while `next()` waits.
 */
export function iterateStream(
  open: (sink: Sink & { ready: boolean; end: () => void }) => Pick<EventStream, "live" | "close">,
): AsyncIterableIterator<StreamEvent> {
  const buffer: StreamEvent[] = [];
  let waiting: {
    resolve: (result: IteratorResult<StreamEvent>) => void;
    reject: (error: unknown) => void;
  } | null = null;
  let drained: (() => void)[] = [];
  let failure: { error: unknown } | null = null;
  let done = false;

  const end = (): void => {
    if (done) return;
    done = true;
    stream.close();
    buffer.length = 0;
    for (const resume of drained) resume();
    waiting?.resolve({ done: true, value: undefined });
    waiting = null;
  };
  const fail = (error: unknown): void => {
    if (done) return;
    const reader = waiting;
    waiting = null;
    if (reader === null) failure = { error };
    end();
    reader?.reject(error);
  };

  const stream = open({
    push: (event) => {
      if (done) return;
      if (waiting !== null) {
        const reader = waiting;
        waiting = null;
        reader.resolve({ done: false, value: event });
      } else if (buffer.push(event) > BUFFER_LIMIT) {
        fail(new Error("The reader of this stream is too slow; resume from the last cursor"));
      }
    },
    get ready() {
      return buffer.length === 0;
    },
    end,
    drained: () =>
      buffer.length === 0 || done
        ? Promise.resolve()
        : new Promise<void>((resolve) => drained.push(resolve)),
  });
  stream.live.catch(fail);

  return {
    next: () => {
      const event = buffer.shift();
      if (event !== undefined) {
        if (buffer.length === 0) {
          const resumed = drained;
          drained = [];
          for (const resume of resumed) resume();
        }
        return Promise.resolve({ done: false, value: event });
      }
      if (failure !== null) {
        const { error } = failure;
        failure = null;
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
      if (done) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
      });
    },
    return: () => {
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
