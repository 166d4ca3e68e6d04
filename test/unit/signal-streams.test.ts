import { describe, expect, test } from "vitest";
import { makeLogger } from "../../server/kernel/logger.ts";
import { SharedOperation } from "../../server/delivery/group.ts";
import { iterateSignals } from "../../server/signal/signal-iterator.ts";
import type { Signal } from "../../server/signal/signal.ts";
import { makeSignalStreams, type SignalSink } from "../../server/signal/stream.ts";
import { eventually } from "../kit/eventually.ts";

const TOPIC = "conversation";
const logger = makeLogger({ level: "silent" });

const userOf = (id: string) => ({
  id,
  username: id,
  usernameKey: id,
  displayName: id,
  createdAt: new Date(0),
  avatarId: null,
  statusText: null,
  changedAt: null,
});

function typing(about: string, isTyping: boolean): Signal {
  const payload = { conversationId: TOPIC, user: userOf(about), typing: isTyping };
  return { type: "TYPING_CHANGED", about, payload };
}

/** Access that a test grants and revokes. */
function makeRights(): {
  allowed: Set<string>;
  held: { count: number };
  topicAccess: (
    userId: string,
  ) => Promise<{ sees: (topic: string) => boolean; release: () => void }>;
} {
  const allowed = new Set<string>();
  const held = { count: 0 };
  return {
    allowed,
    held,
    topicAccess: (userId) => {
      held.count += 1;
      return Promise.resolve({
        sees: () => allowed.has(userId),
        release: () => {
          held.count -= 1;
        },
      });
    },
  };
}

/** A receiver with a configurable capacity. */
class Receiver implements SignalSink {
  readonly all: Signal[] = [];
  ended = false;
  room: number;
  #resume: () => void = () => undefined;

  constructor(room = Infinity) {
    this.room = room;
  }

  get ready(): boolean {
    return this.room > 0;
  }

  push(signal: Signal): void {
    this.room -= 1;
    this.all.push(signal);
  }

  drained(): Promise<void> {
    return this.ready
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#resume = resolve;
        });
  }

  end(): void {
    this.ended = true;
  }

  makeRoom(room: number): void {
    this.room = room;
    this.#resume();
  }

  get received(): string[] {
    return this.all.map((signal) =>
      signal.type === "TYPING_CHANGED"
        ? `${signal.about} ${signal.payload.typing ? "types" : "stopped"}`
        : signal.type,
    );
  }
}

interface Opening {
  userId?: string;
  topic?: string | null;
  settle?: () => Promise<void>;
  currentState?: () => readonly Signal[] | Promise<readonly Signal[]>;
  resendsState?: boolean;
  sink: SignalSink;
}

function setUp() {
  const rights = makeRights();
  const streams = makeSignalStreams({ topicAccess: rights.topicAccess, logger });
  const open = ({ userId = "watcher", topic = null, ...rest }: Opening) =>
    streams.open({
      userId,
      topic,
      subjects: [TOPIC],
      settle: () => Promise.resolve(),
      currentState: () => [],
      resendsState: true,
      ...rest,
    });
  return { rights, streams, open };
}

describe("a signal stream", () => {
  test("sends a slow receiver the newest signal of each key, in order", async () => {
    const { streams, open } = setUp();
    const sink = new Receiver(1);
    await open({ sink }).live;
    for (let round = 0; round < 1_000; round += 1) {
      streams.dispatch(TOPIC, typing("ada", true));
      streams.dispatch(TOPIC, typing("ben", true));
      streams.dispatch(TOPIC, typing("ada", false));
    }
    expect(sink.received).toEqual(["ada types"]);
    sink.makeRoom(1);
    await eventually(() => expect(sink.received).toEqual(["ada types", "ben types"]));
    streams.dispatch(TOPIC, typing("cat", true));
    sink.makeRoom(Infinity);
    await eventually(() =>
      expect(sink.received).toEqual(["ada types", "ben types", "ada stopped", "cat types"]),
    );
    streams.dispatch(TOPIC, typing("cat", false));
    expect(sink.received.at(-1)).toBe("cat stopped");
  });

  test("starts with the current state, then sends newer signals that arrived during the read", async () => {
    const { streams, open } = setUp();
    let answer: (signals: Signal[]) => void = () => undefined;
    const sink = new Receiver();
    const stream = open({
      sink,
      currentState: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    streams.dispatch(TOPIC, typing("ada", false));
    expect(sink.received).toEqual([]);
    answer([typing("ada", true), typing("ben", true)]);
    await stream.live;
    expect(sink.received).toEqual(["ben types", "ada stopped"]);
  });

  test("sends the current state again on request, and ends if it cannot", async () => {
    const { streams, open } = setUp();
    const [sink, once] = [new Receiver(), new Receiver()];
    const currentState: () => Signal[] = () => [typing("ada", true)];
    let isBroken = false;
    await open({
      sink,
      currentState: () => (isBroken ? Promise.reject(new Error("away")) : currentState()),
    }).live;
    await open({ sink: once, currentState, resendsState: false }).live;
    streams.resendState();
    await eventually(() => expect(sink.received).toEqual(["ada types", "ada types"]));
    expect(once.received).toEqual(["ada types"]);
    isBroken = true;
    streams.resendState();
    await eventually(() => expect(sink.ended).toBe(true));
    expect(once.ended).toBe(false);
    expect(streams.size).toBe(1);
  });

  test("can be limited to other users, or to the user", async () => {
    const { streams, open } = setUp();
    const [own, other] = [new Receiver(), new Receiver()];
    await open({ sink: own, userId: "ada" }).live;
    await open({ sink: other }).live;
    streams.dispatch(TOPIC, typing("ada", true), "others");
    streams.dispatch(TOPIC, typing("ada", false), "own");
    expect(own.received).toEqual(["ada stopped"]);
    expect(other.received).toEqual(["ada types"]);
  });
});

describe("a signal stream with a topic", () => {
  test("checks each signal and ends at the first one that the user may not see", async () => {
    const { rights, streams, open } = setUp();
    rights.allowed.add("watcher");
    const sink = new Receiver(1);
    await open({ sink, topic: TOPIC }).live;
    streams.dispatch(TOPIC, typing("ada", true));
    // The signal waits for capacity, and is dropped because access has ended.
    streams.dispatch(TOPIC, typing("ben", true));
    rights.allowed.delete("watcher");
    streams.dispatch(TOPIC, typing("cat", true));
    sink.makeRoom(Infinity);
    expect(sink).toMatchObject({ ended: true, received: ["ada types"] });
    expect([streams.size, rights.held.count, streams.has(TOPIC)]).toEqual([0, 0, false]);
  });

  test("ends when access is lost, without a signal", async () => {
    const { rights, streams, open } = setUp();
    rights.allowed.add("watcher");
    const [sink, other] = [new Receiver(), new Receiver()];
    await open({ sink, topic: TOPIC }).live;
    await open({ sink: other, topic: "elsewhere" }).live;
    rights.allowed.delete("watcher");
    streams.endRevoked("watcher", TOPIC);
    expect([sink.ended, other.ended]).toEqual([true, false]);
  });

  test("is rejected with the given reason, or allowed after it is settled", async () => {
    const { rights, streams, open } = setUp();
    const refuse = (): Promise<never> => Promise.reject(new Error("not you"));
    await expect(open({ sink: new Receiver(), topic: TOPIC, settle: refuse }).live).rejects.toThrow(
      "not you",
    );
    await expect(open({ sink: new Receiver(), topic: TOPIC }).live).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    const settle = (): Promise<void> => {
      rights.allowed.add("watcher");
      return Promise.resolve();
    };
    const stream = open({ sink: new Receiver(), topic: TOPIC, settle });
    await stream.live;
    expect([streams.size, rights.held.count]).toEqual([1, 1]);
    stream.close();
    stream.close();
    expect([streams.size, rights.held.count]).toEqual([0, 0]);
  });

  test("that closes before it is live holds nothing", async () => {
    const { rights, streams, open } = setUp();
    rights.allowed.add("watcher");
    const stream = open({ sink: new Receiver(), topic: TOPIC });
    stream.close();
    await stream.live;
    expect([streams.size, rights.held.count, streams.has(TOPIC)]).toEqual([0, 0, false]);
  });
});

describe("an iterator over a signal stream", () => {
  test("holds the newest signal of each key for a slow reader", async () => {
    const { streams, open } = setUp();
    const signals = iterateSignals((sink) => open({ sink }));
    for (let round = 0; round < 100; round += 1) {
      streams.dispatch(TOPIC, typing("ada", round % 2 === 1));
      streams.dispatch(TOPIC, typing("ben", false));
    }
    const state = async (next: Promise<IteratorResult<Signal>>): Promise<unknown> =>
      (await next).value?.payload;
    expect(await state(signals.next())).toMatchObject({ typing: true });
    expect(await state(signals.next())).toMatchObject({ typing: false });
    const waiting = signals.next();
    await signals.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(streams.size).toBe(0);
  });

  test("ends with the stream", async () => {
    const { rights, streams, open } = setUp();
    rights.allowed.add("watcher");
    let closed = 0;
    const signals = iterateSignals((sink) => {
      const stream = open({ sink, topic: TOPIC });
      const close = (): void => {
        closed += 1;
        stream.close();
      };
      return { live: stream.live, close };
    });
    const next = signals.next();
    await eventually(() => expect(streams.has(TOPIC)).toBe(true));
    rights.allowed.clear();
    streams.endRevoked("watcher", TOPIC);
    expect(await next).toEqual({ done: true, value: undefined });
    expect(closed).toBe(1);
  });
});

test("200 users who type in view of 200 others cause 200 executions, in any order of arrival", async () => {
  const { streams, open } = setUp();
  let executions = 0;
  const operation = new SharedOperation(
    "key",
    (signal) => {
      executions += 1;
      return JSON.stringify(signal);
    },
    "state",
  );
  let frames = 0;
  const sink: SignalSink = {
    push: (signal) => {
      expect(operation.frame(signal, 3)).not.toBeInstanceOf(Promise);
      frames += 1;
    },
    ready: true,
    drained: () => Promise.resolve(),
    end: () => undefined,
  };
  const present = Array.from({ length: 200 }, (_, index) => typing(`person-${index}`, true));
  const early = Array.from({ length: 100 }, () => open({ sink }));
  await Promise.all(early.map((stream) => stream.live));
  for (const signal of present) streams.dispatch(TOPIC, signal);
  const late = Array.from({ length: 100 }, () => open({ sink, currentState: () => present }));
  await Promise.all(late.map((stream) => stream.live));
  expect(frames).toBe(40_000);
  expect(executions).toBe(200);
});
