import { NotFoundError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import type { TopicAccess } from "../log/log.ts";
import { keyOf, type Signal } from "./signal.ts";

/** The receiver of a stream's signals. The subjects of the stream determine their types. */
export interface SignalSink<S extends Signal = Signal> {
  /** Receives one signal. Must not throw or wait. */
  push(signal: S): void;
  /**
   * Whether the receiver has room for a signal. Otherwise signals wait in the stream, the newest of each
   * key.
   */
  readonly ready: boolean;
  /** Resolves when the receiver has room, immediately if it already has. */
  drained(): Promise<void>;
  /** Called when the stream has ended. */
  end(): void;
}

export interface SignalRequest {
  userId: string;
  /** The subjects of the stream; signals are dispatched by subject. */
  subjects: readonly string[];
  /**
   * The topic that the user must be able to see, checked for every signal; null if the signals are
   * public.
   */
  topic: string | null;
  /**
   * Called if this instance finds that the user cannot see the topic. Rejects with a typed error, or
   * resolves when the instance is as current as the database.
   */
  settle: () => Promise<void>;
  /** The current state, which the stream sends first. */
  present: () => readonly Signal[] | Promise<readonly Signal[]>;
  /** Whether to send the current state again after a bus outage, because signals may have been lost. */
  repeats: boolean;
  sink: SignalSink;
}

export interface SignalStream {
  /** Resolves after the current state was sent; rejects if the stream cannot start. */
  readonly live: Promise<void>;
  /** Closes the stream and releases everything that it holds. Idempotent. */
  close(): void;
}

/** The streams that receive a signal: all, only those of the user whom it is about, or all others. */
export type Audience = "all" | "own" | "others";

/** Opens and counts signal streams. */
export interface SignalStreams {
  open(request: SignalRequest): SignalStream;
  /**
   * Sends a signal to every stream of the subject whose user may see it now; `audience` defaults to
   * "all".
   */
  dispatch(subject: string, signal: Signal, audience?: Audience): void;
  /** Whether any stream on this instance has the subject. */
  has(subject: string): boolean;
  /** Ends the streams of a user who can no longer see the topic. */
  lost(userId: string, topic: string): void;
  /** Sends the current state again on streams that requested it. */
  repeat(): void;
  readonly size: number;
}

interface Stream {
  readonly userId: string;
  readonly topic: string | null;
  deliver(signal: Signal): void;
  /** Ends the stream if its user can no longer see the topic. */
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
  /** Streams that depend on a topic, by user. */
  const byPerson = new Map<string, Set<Stream>>();
  let open = 0;

  const openStream = (request: SignalRequest): SignalStream => {
    const { userId, topic, sink } = request;
    /** Signals that wait for room, or for the current state to be sent first. */
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

    /** Sends the current state, then the signals that arrived while it was being read, which are newer. */
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
          // Ends the stream instead of failing silently; a reconnecting client receives the current
          // state.
          options.logger.warn({ err: error }, "The current state could not be sent again");
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
        // The user lost and regained access meanwhile.
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
