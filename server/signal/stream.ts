import type { Logger } from "../kernel/logger.ts";
import type { TopicAccess } from "../log/log.ts";
import { OpenStream, type SignalRequest, type StreamRegistry } from "./open-stream.ts";
import type { Signal } from "./signal.ts";

export type { SignalRequest, SignalSink } from "./open-stream.ts";

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
  endRevoked(userId: string, topic: string): void;
  /** Sends the current state again on streams that requested it. */
  resendState(): void;
  readonly size: number;
}

export interface SignalStreamsOptions {
  topicAccess: (userId: string) => Promise<TopicAccess>;
  logger: Logger;
}

export function makeSignalStreams(options: SignalStreamsOptions): SignalStreams {
  const bySubject = new Map<string, Set<OpenStream>>();
  /** Streams that receive signals. */
  const started = new Set<OpenStream>();
  /** Streams that depend on a topic, by user. */
  const byUser = new Map<string, Set<OpenStream>>();
  let size = 0;

  const registry: StreamRegistry = {
    addTopic: (stream) => {
      add(byUser, stream.request.userId, stream);
    },
    addSubjects: (stream) => {
      for (const subject of stream.request.subjects) add(bySubject, subject, stream);
      started.add(stream);
    },
    remove: (stream) => {
      const { subjects, userId } = stream.request;
      size -= 1;
      started.delete(stream);
      for (const subject of subjects) remove(bySubject, subject, stream);
      remove(byUser, userId, stream);
    },
  };

  return {
    open: (request) => {
      size += 1;
      const stream = new OpenStream({ request, registry, logger: options.logger });
      return {
        live: stream.start(options.topicAccess),
        close: () => {
          stream.close();
        },
      };
    },
    dispatch: (subject, signal, audience = "all") => {
      for (const stream of bySubject.get(subject) ?? []) {
        const isOwn = stream.request.userId === signal.about;
        if (audience === "all" || (audience === "own") === isOwn) stream.deliver(signal);
      }
    },
    has: (subject) => bySubject.has(subject),
    endRevoked: (userId, topic) => {
      for (const stream of byUser.get(userId) ?? [])
        if (stream.request.topic === topic) stream.endIfRevoked();
    },
    resendState: () => {
      for (const stream of started) stream.resendState();
    },
    get size() {
      return size;
    },
  };
}

function add(index: Map<string, Set<OpenStream>>, key: string, stream: OpenStream): void {
  const set = index.get(key);
  if (set === undefined) index.set(key, new Set([stream]));
  else set.add(stream);
}

function remove(index: Map<string, Set<OpenStream>>, key: string, stream: OpenStream): void {
  const set = index.get(key);
  set?.delete(stream);
  if (set?.size === 0) index.delete(key);
}
