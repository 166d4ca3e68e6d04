import { makeGate } from "../infra/gate.ts";
import type { Position } from "../kernel/cursor.ts";
import {
  concerns,
  conversationOf,
  type EventTypeName,
  type GapReason,
  type LogEvent,
  type StreamEvent,
} from "./event.ts";
import type { LogStore } from "./log-store.ts";
import type { Tail } from "./tail.ts";
import type { Subscriber, TopicIndex } from "./topics.ts";
import { makeTurns } from "./turns.ts";

/** Where a stream's events go. */
export interface Sink {
  /** Takes one event. Must not throw and must not wait. */
  push(event: StreamEvent): void;
  /** Resolves when the receiver has room again; at once while it has. Used between pages of a replay. */
  drained(): Promise<void>;
}

export interface StreamRequest {
  userId: string;
  /** The last position that the client has seen; null starts now. */
  after: Position | null;
  /** Only events about these conversations; null for all. */
  conversationIds: ReadonlySet<string> | null;
  /** Only events of these types; null for all. */
  types: ReadonlySet<EventTypeName> | null;
  sink: Sink;
}

/** A stream that has been asked for. It replays first and is live after that, without a seam. */
export interface EventStream {
  readonly userId: string;
  /** Resolves when the stream is live; rejects when it cannot be. */
  readonly live: Promise<void>;
  /** Ends the stream and frees all it holds. May be called at any time and again. */
  close(): void;
}

export interface StreamSetOptions {
  store: LogStore;
  tail: Tail;
  index: TopicIndex<LiveStream>;
  /** Most events that a replay may send. */
  replayLimit: number;
  now: () => Date;
}

/** A stream as the index knows it. */
export interface LiveStream {
  deliver(event: LogEvent): void;
  /** Tells how far the stream is, if it has been quiet since the last time. */
  heartbeat(event: StreamEvent): void;
}

const PAGE = 500;
/** Events that all replays together look at in one turn of the event loop; some milliseconds of work. */
const EVENTS_OF_A_TURN = 1_000;
/** Reads of all replays together that are under way at once. */
const READS_AT_ONCE = 4;

/** Opens streams and keeps count of them. */
export interface StreamSet {
  open(request: StreamRequest): EventStream;
  /** Hands an event to every live stream whose person may see it at this position. */
  dispatch(event: LogEvent): void;
  /** Lets every quiet stream tell its client how far it is. */
  heartbeat(): void;
  /** Streams that are open, replaying ones included. */
  readonly size: number;
}

export function makeStreamSet(options: StreamSetOptions): StreamSet {
  const { store, tail, index } = options;
  const live = new Set<LiveStream>();
  /** However many resume, they wait here for their turn and not for a connection, which has a limit. */
  const reading = makeGate(READS_AT_ONCE, Number.POSITIVE_INFINITY, 0);
  const turns = makeTurns(EVENTS_OF_A_TURN);
  let open = 0;

  const openStream = (request: StreamRequest): EventStream => {
    const { sink, userId } = request;
    let position: Position = 0;
    let closed = false;
    let quiet = true;
    let replayed = 0;
    let subscriber: Subscriber<LiveStream> | null = null;
    const isClosed = (): boolean => closed;
    open += 1;

    const wants = (event: LogEvent): boolean => {
      if (request.types !== null && !request.types.has(event.type)) return false;
      if (request.conversationIds === null) return concerns(event, userId);
      const conversationId = conversationOf(event);
      return (
        conversationId !== null &&
        request.conversationIds.has(conversationId) &&
        concerns(event, userId)
      );
    };
    const push = (event: StreamEvent): void => {
      position = event.position;
      quiet = false;
      sink.push(event);
    };
    const stream: LiveStream = {
      deliver: (event) => {
        if (event.position > position && !closed && wants(event)) push(event);
      },
      heartbeat: (event) => {
        if (quiet && event.position >= position) sink.push(event);
        quiet = true;
      },
    };
    const gap = (reason: GapReason): void => {
      push({ type: "EVENT_GAP", reason, position: tail.position, at: options.now() });
    };

    /**
     * Sends one page of what the client has missed: all there is up to `until`. Answers false when
     * the rest cannot be replayed and the client was told so, or is gone.
     */
    const sendPage = async (
      who: Subscriber<LiveStream>,
      page: readonly (LogEvent | null)[],
      until: Position,
    ): Promise<boolean> => {
      await turns.take(page.length);
      if (isClosed()) return false;
      // Asked again for each event: the right may have been lost while the page was read.
      const due = page.filter(
        (event): event is LogEvent => event !== null && who.topics.has(event.topic) && wants(event),
      );
      replayed += due.length;
      if (replayed > options.replayLimit) {
        gap("TOO_LONG");
        return false;
      }
      for (const event of due) push(event);
      position = until;
      await sink.drained();
      return true;
    };
    const readPage = async (who: Subscriber<LiveStream>): Promise<boolean> => {
      const until = tail.position;
      const rows = await reading(() => store.readTopics([...who.topics], position, until, PAGE));
      const end = rows.length < PAGE ? until : (rows.at(-1)?.position ?? until);
      return sendPage(
        who,
        rows.map(({ event }) => event),
        end,
      );
    };

    const isExpired = async (): Promise<boolean> => {
      const oldest = await reading(store.oldest);
      return position < (oldest ?? tail.position + 1) - 1;
    };

    const catchUp = async (who: Subscriber<LiveStream>): Promise<void> => {
      let expiryChecked = false;
      while (!isClosed() && position < tail.position) {
        const recent = tail.recentAfter(position);
        if (recent !== null) {
          const page = recent.slice(0, PAGE);
          const end = page.length < PAGE ? tail.position : (page.at(-1)?.position ?? tail.position);
          if (!(await sendPage(who, page, end))) return;
        } else if (await tail.remember(position)) continue;
        else if (!expiryChecked && (await isExpired())) gap("EXPIRED");
        else {
          expiryChecked = true;
          if (!(await readPage(who))) return;
        }
      }
    };

    const start = async (): Promise<void> => {
      const acquired = await index.acquire(userId);
      if (isClosed()) {
        index.release(userId);
        return;
      }
      subscriber = acquired;
      position = request.after ?? tail.position;
      // The first may join a read that began before the cursor's event was there; the second cannot.
      for (let tries = 0; tries < 2 && position > tail.position; tries += 1) await tail.catchUp();
      push({ type: "READY", position, at: options.now() });
      if (position > tail.position) gap("UNKNOWN_CURSOR");
      // Between the loop's last look at the log and going live nothing may be awaited, not even a
      // finished promise: an event could come in between.
      while (!isClosed() && position < tail.position) await catchUp(acquired);
      if (isClosed()) return;
      index.attach(userId, stream);
      live.add(stream);
    };

    const close = (): void => {
      if (closed) return;
      closed = true;
      open -= 1;
      live.delete(stream);
      if (subscriber === null) return;
      index.detach(userId, stream);
      index.release(userId);
    };

    const started = start().catch((error: unknown) => {
      close();
      throw error;
    });
    return { userId, live: started, close };
  };

  return {
    open: openStream,
    dispatch: (event) => {
      for (const stream of index.streamsOf(event.topic)) stream.deliver(event);
    },
    heartbeat: () => {
      const event: StreamEvent = { type: "HEARTBEAT", position: tail.position, at: options.now() };
      for (const stream of live) stream.heartbeat(event);
    },
    get size() {
      return open;
    },
  };
}
