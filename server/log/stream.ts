import { makeGate, type Gate } from "../infra/gate.ts";
import type { Position } from "../kernel/cursor.ts";
import type { EventDefinition, EventDefinitions } from "./define-event.ts";
import type { GapReason, LogEvent, StreamEvent } from "./event.ts";
import type { LogStore } from "./log-store.ts";
import type { Run } from "./event-run.ts";
import type { Tail } from "./tail.ts";
import type { Subscriber, TopicIndex } from "./topic-index.ts";
import { makeEventLoopBudget, type EventLoopBudget } from "./event-loop-budget.ts";

/** The receiver of a stream's events. */
export interface Sink {
  /** Receives one event. Must not throw or wait. */
  push(event: StreamEvent): void;
  /** Receives several consecutive events, if that is cheaper than one at a time. */
  pushRun?(events: readonly LogEvent[]): void;
  /**
   * Resolves when the receiver has room, immediately if it already has. Called between pages of a replay.
   */
  drained(): Promise<void>;
}

export interface StreamRequest {
  userId: string;
  /** The last position that the client has seen; null to start with live events. */
  after: Position | null;
  /** Only events of these conversations; null for all. */
  conversationIds: ReadonlySet<string> | null;
  /** Only events of these types; null for all. */
  types: ReadonlySet<string> | null;
  sink: Sink;
}

/** An open stream. It replays missed events and then continues live, without a gap or an overlap. */
export interface EventStream {
  readonly userId: string;
  /** Resolves when the stream is live; rejects if it cannot become live. */
  readonly live: Promise<void>;
  /** Closes the stream and releases everything that it holds. Idempotent. */
  close(): void;
}

export interface StreamSetOptions {
  definitions: EventDefinitions;
  store: LogStore;
  tail: Tail;
  index: TopicIndex<LiveStream>;
  /** Maximum number of events in a replay. */
  replayLimit: number;
  now: () => Date;
}

/** A stream as the topic index sees it. */
export interface LiveStream {
  deliver(run: Run, definition: EventDefinition): void;
  /** Sends the current position if the stream sent nothing since the last heartbeat. */
  heartbeat(event: StreamEvent): void;
}

/** One value, several, or null for all. Most filtered streams have one value. */
type Filter<T> = T | ReadonlySet<T> | null;

function toFilter<T>(values: ReadonlySet<T> | null): Filter<T> {
  if (values?.size !== 1) return values;
  const [only] = values;
  return only ?? values;
}

function matches<T>(filter: Filter<T>, value: T | null): boolean {
  if (filter === null || filter === value) return true;
  return value !== null && filter instanceof Set && filter.has(value);
}

/** Replaces the promise of each live stream, to save memory. */
const LIVE = Promise.resolve();
const PAGE = 500;
/** Events that all replays together process in one event-loop turn; a few milliseconds of work. */
const EVENTS_PER_TURN = 2_000;
/** Maximum number of parallel database reads for all replays. */
const PARALLEL_READS = 4;

/** Opens and counts streams. */
export interface StreamSet {
  open(request: StreamRequest): EventStream;
  /** Sends events to every live stream whose user may see them at this position. */
  dispatch(run: Run): void;
  /** Sends a heartbeat to every quiet stream. */
  heartbeat(): void;
  /** Number of open streams, including those that replay. */
  readonly size: number;
}

/** State shared by all streams. */
interface Shared extends StreamSetOptions {
  /** Resuming streams wait here for their turn, because the number of database connections is limited. */
  readonly reading: Gate;
  readonly turns: EventLoopBudget;
  open: number;
}

/** One stream. There can be very many idle ones, so each holds little memory. */
class Stream implements EventStream, LiveStream {
  readonly userId: string;
  live: Promise<void>;
  readonly #shared: Shared;
  #conversations: Filter<string>;
  readonly #types: Filter<string>;
  readonly #sink: Sink;
  #subscriber: Subscriber<LiveStream> | null = null;
  #position: Position = 0;
  #isClosed = false;
  #isIdle = true;
  #replayed = 0;

  constructor(shared: Shared, request: StreamRequest) {
    this.#shared = shared;
    this.userId = request.userId;
    this.#conversations = toFilter(request.conversationIds);
    this.#types = toFilter(request.types);
    this.#sink = request.sink;
    shared.open += 1;
    this.live = this.#start(request.after).then(
      () => {
        this.live = LIVE;
      },
      (error: unknown) => {
        this.close();
        throw error;
      },
    );
  }

  deliver(run: Run, definition: EventDefinition): void {
    const [first] = run;
    // All events of a run have the same type and conversation, so one check covers them.
    if (!this.#matches(first, definition)) return;
    // Passes on the same array where possible, because receivers of the same array share its frame.
    this.#pushAll(
      first.position > this.#position
        ? run
        : run.filter(({ position }) => position > this.#position),
    );
  }

  heartbeat(event: StreamEvent): void {
    if (this.#isIdle && event.position >= this.#position) this.#sink.push(event);
    this.#isIdle = true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#shared.open -= 1;
    if (this.#subscriber === null) return;
    this.#shared.index.detach(this.userId, this);
    this.#shared.index.release(this.userId);
  }

  #matches(event: LogEvent, definition: EventDefinition): boolean {
    return (
      matches(this.#types, event.type) &&
      (this.#conversations === null ||
        matches(this.#conversations, definition.conversationOf(event))) &&
      definition.isRelevantTo(event, this.userId)
    );
  }

  #push(event: StreamEvent): void {
    this.#position = event.position;
    this.#isIdle = false;
    this.#sink.push(event);
  }

  #pushAll(events: readonly LogEvent[]): void {
    const last = events.at(-1);
    const sink = this.#sink;
    if (events.length > 1 && last !== undefined && sink.pushRun !== undefined) {
      if (this.#isClosed) return;
      this.#position = last.position;
      this.#isIdle = false;
      sink.pushRun(events);
    } else for (const event of events) if (!this.#isClosed) this.#push(event);
  }

  #gap(reason: GapReason): void {
    const at = this.#shared.now();
    this.#push({ type: "EVENT_GAP", reason, position: this.#shared.tail.position, at });
  }

  async #start(after: Position | null): Promise<void> {
    const { index, tail } = this.#shared;
    const subscriber = await index.acquire(this.userId);
    if (this.#isClosed) {
      index.release(this.userId);
      return;
    }
    this.#subscriber = subscriber;
    if (typeof this.#conversations === "string")
      this.#conversations = index.intern(this.#conversations);
    this.#position = after ?? tail.position;
    // The first attempt may join a read that started before the cursor's event was committed; the second
    // cannot.
    for (let tries = 0; tries < 2 && this.#position > tail.position; tries += 1)
      await tail.catchUp();
    this.#push({ type: "READY", position: this.#position, at: this.#shared.now() });
    if (this.#position > tail.position) this.#gap("UNKNOWN_CURSOR");
    // Nothing may be awaited between the last read of the log and going live, not even a resolved
    // promise: an event could arrive in between.
    while (!this.#isOver() && this.#position < tail.position) await this.#catchUp(subscriber);
    if (this.#isOver()) return;
    index.attach(this.userId, this);
  }

  /** Whether the stream was closed during an await. */
  #isOver(): boolean {
    return this.#isClosed;
  }

  async #catchUp(subscriber: Subscriber<LiveStream>): Promise<void> {
    const { tail } = this.#shared;
    let expiryChecked = false;
    while (!this.#isOver() && this.#position < tail.position) {
      const recent = tail.recentAfter(this.#position);
      if (recent !== null) {
        const page = recent.slice(0, PAGE);
        const end = page.length < PAGE ? tail.position : (page.at(-1)?.position ?? tail.position);
        if (!(await this.#sendPage(subscriber, page, end))) return;
      } else if (await tail.loadOlder(this.#position)) continue;
      else if (!expiryChecked && (await this.#isExpired())) this.#gap("EXPIRED");
      else {
        expiryChecked = true;
        if (!(await this.#readPage(subscriber))) return;
      }
    }
  }

  async #isExpired(): Promise<boolean> {
    const { reading, store, tail } = this.#shared;
    const oldest = await reading(store.oldest);
    return this.#position < (oldest ?? tail.position + 1) - 1;
  }

  async #readPage(subscriber: Subscriber<LiveStream>): Promise<boolean> {
    const { reading, store, tail } = this.#shared;
    const until = tail.position;
    const rows = await reading(() =>
      store.readTopics([...subscriber.topics], this.#position, until, PAGE),
    );
    const end = rows.length < PAGE ? until : (rows.at(-1)?.position ?? until);
    return this.#sendPage(
      subscriber,
      rows.map(({ event }) => event),
      end,
    );
  }

  /**
   * Sends one page of missed events, up to `until`. Returns false if the rest cannot be replayed and the
   * client received a gap, or if the stream is closed.
   */
  async #sendPage(
    subscriber: Subscriber<LiveStream>,
    page: readonly (LogEvent | null)[],
    until: Position,
  ): Promise<boolean> {
    await this.#shared.turns.take(page.length);
    if (this.#isClosed) return false;
    const { definitions } = this.#shared;
    // Checked for each event, because the user may have lost access while the page was being read.
    const due = page.filter(
      (event): event is LogEvent =>
        event !== null &&
        subscriber.sees(event.topic) &&
        this.#matches(event, definitions.of(event)),
    );
    this.#replayed += due.length;
    if (this.#replayed > this.#shared.replayLimit) {
      this.#gap("TOO_LONG");
      return false;
    }
    this.#pushAll(due);
    this.#position = until;
    await this.#sink.drained();
    return true;
  }
}

export function makeStreamSet(options: StreamSetOptions): StreamSet {
  const shared: Shared = {
    ...options,
    reading: makeGate({
      concurrency: PARALLEL_READS,
      queueLimit: Number.POSITIVE_INFINITY,
      retryAfterMs: 0,
    }),
    turns: makeEventLoopBudget(EVENTS_PER_TURN),
    open: 0,
  };
  const { tail, index, definitions } = shared;

  return {
    open: (request) => new Stream(shared, request),
    dispatch: (run) => {
      const definition = definitions.of(run[0]);
      for (const stream of index.streamsOf(run[0].topic)) stream.deliver(run, definition);
    },
    heartbeat: () => {
      const event: StreamEvent = { type: "HEARTBEAT", position: tail.position, at: options.now() };
      for (const stream of index.streams()) stream.heartbeat(event);
    },
    get size() {
      return shared.open;
    },
  };
}
