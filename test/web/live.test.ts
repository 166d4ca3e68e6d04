import { SessionEndedError, UnauthenticatedError } from "@parley/sdk";
import type { ConnectionStatus, EventStream } from "@parley/sdk";
import { describe, expect, it } from "vitest";
import { PATIENCE_MS, bannerState } from "../../web/src/connection/banner-state.ts";
import { makeLive } from "../../web/src/connection/live.ts";
import { eventually } from "../kit/eventually.ts";

interface Happening {
  readonly __typename: string;
  readonly name?: string;
}

/** A stream that brings what the test puts into it. */
class Stream implements EventStream<Happening> {
  readonly after: string;
  readonly status: ConnectionStatus = { state: "live", attempt: 0 };
  cursor: string | undefined;
  closed = false;
  reconnects = 0;
  #ready: (() => void) | undefined;
  #queue: (() => IteratorResult<Happening, undefined>)[] = [];

  constructor(after: string) {
    this.after = after;
  }

  put(...events: Happening[]): void {
    this.#queue.push(...events.map((value) => () => ({ done: false as const, value })));
    this.#ready?.();
  }

  fail(error: Error): void {
    this.#queue.push(() => {
      throw error;
    });
    this.#ready?.();
  }

  async next(): Promise<IteratorResult<Happening, undefined>> {
    while (this.#queue.length === 0 && !this.closed) {
      await new Promise<void>((resolve) => (this.#ready = resolve));
    }
    const take = this.closed ? undefined : this.#queue.shift();
    return take ? take() : { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<Happening, undefined>> {
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

/** A server whose snapshots come from `cursors`; an undefined one cannot be had. */
function start(cursors: (string | undefined)[]) {
  const streams: Stream[] = [];
  const events: (string | undefined)[] = [];
  const told: string[] = [];
  const live = makeLive<Happening>({
    begin: async () => {
      told.push("begin");
      return cursors.shift();
    },
    open: (after) => {
      const stream = new Stream(after);
      streams.push(stream);
      return stream;
    },
    onEvent: (event) => events.push(event.name),
    onStatus: (status) => told.push(status.state),
    onResync: () => told.push("resync"),
    onEnded: () => told.push("ended"),
  });
  live.start();
  const opened = async (count: number): Promise<Stream> => {
    await eventually(() => expect(streams).toHaveLength(count));
    const stream = streams.at(-1);
    if (!stream) throw new Error("No stream");
    return stream;
  };
  return { live, streams, events, told, opened };
}

const sent = (name: string): Happening => ({ __typename: "MessageSent", name });

describe("makeLive", () => {
  it("goes on from the snapshot's cursor and hands over every event in order", async () => {
    const { live, events, opened, told } = start(["c1"]);
    const stream = await opened(1);
    expect(stream.after).toBe("c1");
    stream.put(sent("a"), sent("b"));
    await eventually(() => expect(events).toEqual(["a", "b"]));
    expect(told).toEqual(["begin"]);
    live.stop();
    expect(stream.closed).toBe(true);
  });

  it("begins anew after a gap, and says that what is shown is to be asked for again", async () => {
    const { live, events, opened, told } = start(["c1", "c2"]);
    const first = await opened(1);
    first.put(sent("a"), { __typename: "EventGap" }, sent("never shown"));
    const second = await opened(2);
    expect(second.after).toBe("c2");
    expect(first.closed).toBe(true);
    expect(told).toEqual(["begin", "begin", "resync"]);
    second.put(sent("b"));
    await eventually(() => expect(events).toEqual(["a", "b"]));
    live.stop();
  });

  it("tries again when the snapshot cannot be had, at once when it is told to", async () => {
    const { live, opened, told } = start([undefined, "c1"]);
    await eventually(() => expect(told).toEqual(["begin", "reconnecting"]));
    live.reconnectNow();
    const stream = await opened(1);
    expect(stream.after).toBe("c1");
    live.reconnectNow();
    expect(stream.reconnects).toBe(1);
    live.stop();
  });

  it("begins anew when the stream fails for another reason than the session", async () => {
    const { live, opened, told } = start(["c1", "c2"]);
    (await opened(1)).fail(new Error("Too complex"));
    await eventually(() => expect(told).toContain("reconnecting"));
    live.reconnectNow();
    expect((await opened(2)).after).toBe("c2");
    expect(told.at(-1)).toBe("resync");
    live.stop();
  });

  it.each([new SessionEndedError("Session ended"), new UnauthenticatedError([])])(
    "ends with the session: $name",
    async (error) => {
      const { live, opened, told, streams } = start(["c1", "c2"]);
      (await opened(1)).fail(error);
      await eventually(() => expect(told).toEqual(["begin", "ended"]));
      live.reconnectNow();
      expect(streams).toHaveLength(1);
    },
  );

  it("opens nothing when it was stopped while the snapshot was on its way", async () => {
    const { live, streams, told } = start(["c1"]);
    live.stop();
    await eventually(() => expect(told).toEqual(["begin"]));
    expect(streams).toEqual([]);
  });
});

describe("bannerState", () => {
  const broken: ConnectionStatus = { state: "reconnecting", attempt: 1 };

  it("says nothing while all is well or a break is short", () => {
    expect(bannerState({ state: "live", attempt: 0 }, true, 99_999)).toBeUndefined();
    expect(bannerState(broken, true, PATIENCE_MS - 1)).toBeUndefined();
  });

  it("tells a lasting break, and a missing network at once", () => {
    expect(bannerState(broken, true, PATIENCE_MS)).toBe("reconnecting");
    expect(bannerState(broken, false, 0)).toBe("offline");
  });

  it("believes the stream rather than the browser", () => {
    expect(bannerState({ state: "live", attempt: 0 }, false, 0)).toBeUndefined();
  });
});
