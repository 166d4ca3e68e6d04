import { SessionEndedError, UnauthenticatedError } from "@parley/sdk";
import type { ConnectionStatus, EventStream } from "@parley/sdk";
import { describe, expect, it } from "vitest";
import { BANNER_DELAY_MS, bannerState } from "../../web/src/connection/banner-state.ts";
import { makeLive } from "../../web/src/connection/live.ts";
import { eventually } from "../kit/eventually.ts";

interface TestEvent {
  readonly __typename: string;
  readonly name?: string;
}

/** A stream that yields the events that the test adds. */
class Stream implements EventStream<TestEvent> {
  readonly after: string;
  readonly status: ConnectionStatus = { state: "live", attempt: 0 };
  cursor: string | undefined;
  closed = false;
  reconnects = 0;
  #ready: (() => void) | undefined;
  #queue: (() => IteratorResult<TestEvent, undefined>)[] = [];

  constructor(after: string) {
    this.after = after;
  }

  put(...events: TestEvent[]): void {
    this.#queue.push(...events.map((value) => () => ({ done: false as const, value })));
    this.#ready?.();
  }

  fail(error: Error): void {
    this.#queue.push(() => {
      throw error;
    });
    this.#ready?.();
  }

  async next(): Promise<IteratorResult<TestEvent, undefined>> {
    while (this.#queue.length === 0 && !this.closed) {
      await new Promise<void>((resolve) => (this.#ready = resolve));
    }
    const take = this.closed ? undefined : this.#queue.shift();
    return take ? take() : { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<TestEvent, undefined>> {
    this.closed = true;
    this.#ready?.();
    return Promise.resolve({ done: true, value: undefined });
  }

  reconnectNow(): void {
    this.reconnects += 1;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** A server that returns the snapshots in `cursors`; undefined makes the load fail. */
function start(cursors: (string | undefined)[]) {
  const streams: Stream[] = [];
  const events: (string | undefined)[] = [];
  const calls: string[] = [];
  const live = makeLive<TestEvent>({
    loadSnapshot: async () => {
      calls.push("begin");
      return cursors.shift();
    },
    openStream: (after) => {
      const stream = new Stream(after);
      streams.push(stream);
      return stream;
    },
    onEvent: (event) => events.push(event.name),
    onStatus: (status) => calls.push(status.state),
    onResync: () => calls.push("resync"),
    onEnded: () => calls.push("ended"),
  });
  live.start();
  const opened = async (count: number): Promise<Stream> => {
    await eventually(() => expect(streams).toHaveLength(count));
    const stream = streams.at(-1);
    if (!stream) throw new Error("No stream");
    return stream;
  };
  return { live, streams, events, calls, opened };
}

const sent = (name: string): TestEvent => ({ __typename: "MessageSent", name });

describe("makeLive", () => {
  it("streams from the snapshot's cursor and delivers every event in order", async () => {
    const { live, events, opened, calls } = start(["c1"]);
    const stream = await opened(1);
    expect(stream.after).toBe("c1");
    stream.put(sent("a"), sent("b"));
    await eventually(() => expect(events).toEqual(["a", "b"]));
    expect(calls).toEqual(["begin"]);
    live.stop();
    expect(stream.closed).toBe(true);
  });

  it("after a gap, loads a new snapshot and reports a resync", async () => {
    const { live, events, opened, calls } = start(["c1", "c2"]);
    const first = await opened(1);
    first.put(sent("a"), { __typename: "EventGap" }, sent("dropped"));
    const second = await opened(2);
    expect(second.after).toBe("c2");
    expect(first.closed).toBe(true);
    expect(calls).toEqual(["begin", "begin", "resync"]);
    second.put(sent("b"));
    await eventually(() => expect(events).toEqual(["a", "b"]));
    live.stop();
  });

  it("retries a failed snapshot, immediately after reconnectNow", async () => {
    const { live, opened, calls } = start([undefined, "c1"]);
    await eventually(() => expect(calls).toEqual(["begin", "reconnecting"]));
    live.reconnectNow();
    const stream = await opened(1);
    expect(stream.after).toBe("c1");
    live.reconnectNow();
    expect(stream.reconnects).toBe(1);
    live.stop();
  });

  it("loads a new snapshot when the stream fails but the session lives", async () => {
    const { live, opened, calls } = start(["c1", "c2"]);
    (await opened(1)).fail(new Error("Too complex"));
    await eventually(() => expect(calls).toContain("reconnecting"));
    live.reconnectNow();
    expect((await opened(2)).after).toBe("c2");
    expect(calls.at(-1)).toBe("resync");
    live.stop();
  });

  it.each([new SessionEndedError("Session ended"), new UnauthenticatedError([])])(
    "ends when the session ends: $name",
    async (error) => {
      const { live, opened, calls, streams } = start(["c1", "c2"]);
      (await opened(1)).fail(error);
      await eventually(() => expect(calls).toEqual(["begin", "ended"]));
      live.reconnectNow();
      expect(streams).toHaveLength(1);
    },
  );

  it("opens no stream if stopped while the snapshot loads", async () => {
    const { live, streams, calls } = start(["c1"]);
    live.stop();
    await eventually(() => expect(calls).toEqual(["begin"]));
    expect(streams).toEqual([]);
  });
});

describe("bannerState", () => {
  const broken: ConnectionStatus = { state: "reconnecting", attempt: 1 };

  it("shows nothing while connected or during a short interruption", () => {
    expect(bannerState({ state: "live", attempt: 0 }, true, 99_999)).toBeUndefined();
    expect(bannerState(broken, true, BANNER_DELAY_MS - 1)).toBeUndefined();
  });

  it("shows a long interruption, and a missing network immediately", () => {
    expect(bannerState(broken, true, BANNER_DELAY_MS)).toBe("reconnecting");
    expect(bannerState(broken, false, 0)).toBe("offline");
  });

  it("trusts the stream over the browser's network state", () => {
    expect(bannerState({ state: "live", attempt: 0 }, false, 0)).toBeUndefined();
  });
});
