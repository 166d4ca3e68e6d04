import { NotFoundError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import type { TopicAccess } from "../log/log.ts";
import { keyOf, type Signal } from "./signal.ts";

/** Where a stream's signals go: those of the types that its subjects have. */
export interface SignalSink<S extends Signal = Signal> {
  /** Takes one signal. Must not throw and must not wait. */
  push(signal: S): void;
  /** Whether there is room for one at this moment. Signals that find none wait, the newest of each key. */
  readonly ready: boolean;
  /** Resolves when there is room again; at once while there is. */
  drained(): Promise<void>;
  /** The stream is over: no more comes. */
  end(): void;
}

export interface SignalRequest {
  userId: string;
  /** What the stream is about: signals are dispatched by subject. */
  subjects: readonly string[];
  /** The topic that the person must be able to see, for every signal anew; null when nothing is hidden. */
  topic: string | null;
  /**
   * Called when the person cannot see the topic as far as this instance knows: rejects with a typed
   * error, or resolves when it knows all that the database does.
   */
  settle: () => Promise<void>;
  /** The state at this moment, with which the stream begins. */
  present: () => readonly Signal[] | Promise<readonly Signal[]>;
  /** Whether to tell the present state again when the bus is back, for signals may have been lost. */
  repeats: boolean;
  sink: SignalSink;
}

export interface SignalStream {
  /** Resolves when the present state is told; rejects when the stream cannot be. */
  readonly live: Promise<void>;
  /** Ends the stream and frees all it holds. May be called at any time and again. */
  close(): void;
}

/** Whose streams get a signal: everyone's, or only those of the person whom it is about, or all but theirs. */
export type Audience = "all" | "own" | "others";

/** Opens streams of signals and keeps count of them. */
export interface SignalStreams {
  open(request: SignalRequest): SignalStream;
  /** Hands a signal to every stream about the subject whose person may see it now, everyone's unless told. */
  dispatch(subject: string, signal: Signal, audience?: Audience): void;
  /** Whether anybody here listens to the subject. */
  has(subject: string): boolean;
  /** Ends the streams of a person who cannot see the topic any more. */
  lost(userId: string, topic: string): void;
  /** Tells the present state again wherever a stream asked for that. */
  repeat(): void;
  readonly size: number;
}

interface Stream {
  readonly userId: string;
  readonly topic: string | null;
  deliver(signal: Signal): void;
  /** Ends it if the person cannot see the topic any more. */
  check(): void;
  repeat(): void;
}

export interface SignalStreamsOptions {
  sight: (userId: string) => Promise<TopicAccess>;
  logger: Logger;
}

export function makeSignalStreams(options: SignalStreamsOptions): SignalStreams {
  const bySubject = new Map<string, Set<Stream>>();
  const streams = new Set<Stream>();
  /** Those that depend on a topic, by person. */
  const byPerson = new Map<string, Set<Stream>>();
  let open = 0;

  const openStream = (request: SignalRequest): SignalStream => {
    const { userId, topic, sink } = request;
    /** What waits for room, or for the present state to be told first. */
    let pending = new Map<string, Signal>();
    let reading = 0;
    let awaitingRoom = false;
    let closed = false;
    let sight: TopicAccess | null = null;
    const isClosed = (): boolean => closed;
    open += 1;

    const flush = (): void => {
      while (!closed && reading === 0 && sink.ready) {
        const [first] = pending;
        if (first === undefined) return;
        pending.delete(first[0]);
        sink.push(first[1]);
      }
      if (closed || reading > 0 || awaitingRoom) return;
      awaitingRoom = true;
      void sink.drained().then(() => {
        awaitingRoom = false;
        flush();
      });
    };

    /** Puts the present state before what was heard while it was read, which is newer. */
    const tellPresent = async (): Promise<void> => {
      reading += 1;
      try {
        const before = new Map<string, Signal>();
        for (const signal of await request.present()) before.set(keyOf(signal), signal);
        for (const key of pending.keys()) before.delete(key);
        pending = new Map([...before, ...pending]);
      } finally {
        reading -= 1;
      }
      if (!isClosed() && pending.size > 0) flush();
    };

    const close = (): void => {
      if (closed) return;
      closed = true;
      open -= 1;
      pending.clear();
      streams.delete(stream);
      for (const subject of request.subjects) remove(bySubject, subject, stream);
      remove(byPerson, userId, stream);
      sight?.release();
    };
    const end = (): void => {
      if (closed) return;
      close();
      sink.end();
    };
    const mayNotSee = (): boolean => topic !== null && sight?.sees(topic) !== true;

    const stream: Stream = {
      userId,
      topic,
      deliver: (signal) => {
        if (mayNotSee()) {
          end();
          return;
        }
        const key = keyOf(signal);
        pending.delete(key);
        pending.set(key, signal);
        if (!awaitingRoom) flush();
      },
      check: () => {
        if (mayNotSee()) end();
      },
      repeat: () => {
        if (!request.repeats) return;
        tellPresent().catch((error: unknown) => {
          // Never silent: who opens it again gets the present state.
          options.logger.warn({ err: error }, "The present state could not be told again");
          end();
        });
      },
    };

    const start = async (): Promise<void> => {
      if (topic !== null) {
        const found = await options.sight(userId);
        if (isClosed()) {
          found.release();
          return;
        }
        sight = found;
        if (mayNotSee()) await request.settle();
        // The right came and went meanwhile.
        if (mayNotSee()) throw new NotFoundError("conversation");
        if (isClosed()) return;
        add(byPerson, userId, stream);
      }
      for (const subject of request.subjects) add(bySubject, subject, stream);
      streams.add(stream);
      await tellPresent();
    };
    const live = start().catch((error: unknown) => {
      close();
      throw error;
    });
    return { live, close };
  };

  return {
    open: openStream,
    dispatch: (subject, signal, audience = "all") => {
      for (const stream of bySubject.get(subject) ?? []) {
        const isOwn = stream.userId === signal.about;
        if (audience === "all" || (audience === "own") === isOwn) stream.deliver(signal);
      }
    },
    has: (subject) => bySubject.has(subject),
    lost: (userId, topic) => {
      for (const stream of byPerson.get(userId) ?? []) if (stream.topic === topic) stream.check();
    },
    repeat: () => {
      for (const stream of streams) stream.repeat();
    },
    get size() {
      return open;
    },
  };
}

function add(index: Map<string, Set<Stream>>, key: string, stream: Stream): void {
  const set = index.get(key);
  if (set === undefined) index.set(key, new Set([stream]));
  else set.add(stream);
}

function remove(index: Map<string, Set<Stream>>, key: string, stream: Stream): void {
  const set = index.get(key);
  set?.delete(stream);
  if (set?.size === 0) index.delete(key);
}
