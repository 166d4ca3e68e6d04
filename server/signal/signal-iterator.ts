import type { Signal } from "./signal.ts";
import type { SignalSink, SignalStream } from "./stream.ts";

/**
 * Wraps a signal stream in an async iterator. It is written by hand, because `return()` of an async
 * generator has no effect while `next()` waits. It holds at most one signal; the others wait in the
 * stream, the newest of each key.
 */
export function iterateSignals<S extends Signal>(
  open: (sink: SignalSink<S>) => Pick<SignalStream, "live" | "close">,
): AsyncIterableIterator<S> {
  let waiting: ((result: IteratorResult<S>) => void) | null = null;
  let waitingForRoom: (() => void)[] = [];
  let done = false;

  const finish = (): void => {
    if (done) return;
    done = true;
    stream.close();
    waiting?.({ done: true, value: undefined });
    waiting = null;
    for (const resume of waitingForRoom) resume();
    waitingForRoom = [];
  };
  const stream = open({
    push: (signal) => {
      const reader = waiting;
      waiting = null;
      reader?.({ done: false, value: signal });
    },
    get ready() {
      return waiting !== null;
    },
    drained: () =>
      waiting !== null || done
        ? Promise.resolve()
        : new Promise<void>((resolve) => waitingForRoom.push(resolve)),
    end: finish,
  });

  return {
    next: async () => {
      await stream.live;
      if (done) return { done: true, value: undefined };
      return new Promise((resolve) => {
        waiting = resolve;
        const resumed = waitingForRoom;
        waitingForRoom = [];
        for (const resume of resumed) resume();
      });
    },
    return: () => {
      finish();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
