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
  currentState: () => readonly Signal[] | Promise<readonly Signal[]>;
  /** Whether to send the current state again after a bus outage, because signals may have been lost. */
  resendsState: boolean;
  sink: SignalSink;
}

/** The indexes through which signals and revocations reach a stream. */
export interface StreamRegistry {
  /** Lets revocations of topics reach the stream. */
  addTopic(stream: OpenStream): void;
  /** Lets signals of its subjects reach the stream. */
  addSubjects(stream: OpenStream): void;
  remove(stream: OpenStream): void;
}

export interface OpenStreamOptions {
  request: SignalRequest;
  registry: StreamRegistry;
  logger: Logger;
}

/** An open stream of signals. It sends the current state first, and the newest signal of each key after it. */
export class OpenStream {
  readonly request: SignalRequest;
  readonly #registry: StreamRegistry;
  readonly #logger: Logger;
  /** Signals that wait for room, or for the current state to be sent first. */
  #pending = new Map<string, Signal>();
  /** Number of running reads of the current state. */
  #reading = 0;
  #isAwaitingRoom = false;
  #isClosed = false;
  #access: TopicAccess | null = null;

  constructor({ request, registry, logger }: OpenStreamOptions) {
    this.request = request;
    this.#registry = registry;
    this.#logger = logger;
  }

  /** Checks access, then sends the current state. Rejects if the stream cannot start. */
  async start(topicAccess: (userId: string) => Promise<TopicAccess>): Promise<void> {
    const { topic, userId } = this.request;
    try {
      if (topic !== null) {
        this.#hold(await topicAccess(userId));
        if (this.isClosed) return;
        if (this.#hasLostAccess()) await this.request.settle();
        // The user lost and regained access meanwhile.
        if (this.#hasLostAccess()) throw new NotFoundError("conversation");
        if (this.isClosed) return;
        this.#registry.addTopic(this);
      }
      this.#registry.addSubjects(this);
      await this.#sendState();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  deliver(signal: Signal): void {
    if (this.#hasLostAccess()) {
      this.#end();
      return;
    }
    const key = keyOf(signal);
    this.#pending.delete(key);
    this.#pending.set(key, signal);
    if (!this.#isAwaitingRoom) this.#flush();
  }

  /** Ends the stream if its user can no longer see the topic. */
  endIfRevoked(): void {
    if (this.#hasLostAccess()) this.#end();
  }

  /** Sends the current state again if the stream requested that. */
  resendState(): void {
    if (!this.request.resendsState) return;
    this.#sendState().catch((error: unknown) => {
      // Ends the stream instead of failing silently; a reconnecting client receives the current state.
      this.#logger.warn({ err: error }, "The current state could not be sent again");
      this.#end();
    });
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pending.clear();
    this.#registry.remove(this);
    this.#access?.release();
  }

  #hold(access: TopicAccess): void {
    if (this.#isClosed) access.release();
    else this.#access = access;
  }

  #end(): void {
    if (this.#isClosed) return;
    this.close();
    this.request.sink.end();
  }

  #hasLostAccess(): boolean {
    const { topic } = this.request;
    return topic !== null && this.#access?.sees(topic) !== true;
  }

  #flush(): void {
    const { sink } = this.request;
    while (!this.#isClosed && this.#reading === 0 && sink.ready) {
      const [first] = this.#pending;
      if (first === undefined) return;
      this.#pending.delete(first[0]);
      sink.push(first[1]);
    }
    if (this.#isClosed || this.#reading > 0 || this.#isAwaitingRoom) return;
    this.#isAwaitingRoom = true;
    void sink.drained().then(() => {
      this.#isAwaitingRoom = false;
      this.#flush();
    });
  }

  /** Sends the current state, then the signals that arrived while it was being read, which are newer. */
  async #sendState(): Promise<void> {
    this.#reading += 1;
    try {
      const state = new Map<string, Signal>();
      for (const signal of await this.request.currentState()) state.set(keyOf(signal), signal);
      for (const key of this.#pending.keys()) state.delete(key);
      this.#pending = new Map([...state, ...this.#pending]);
    } finally {
      this.#reading -= 1;
    }
    if (!this.#isClosed && this.#pending.size > 0) this.#flush();
  }
}
