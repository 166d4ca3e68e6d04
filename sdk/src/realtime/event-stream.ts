import { backoffMs } from "../backoff.ts";
import { type ParleyError, requestError, type ResponseError } from "../errors.ts";
import type { ExecutionResult } from "../http.ts";
import { type AnyDocument, documentText, type PrintDocument } from "../typed-document.ts";
import type { Connection, ConnectionStatus } from "./connection.ts";
import { makePullQueue } from "./pull-queue.ts";

/** The fields that every event has. A document must select them. */
export interface AnyEvent {
  readonly __typename: string;
  readonly cursor: string;
}

/** The result of a document whose root field is `events`. */
export interface EventsResult<Event extends AnyEvent = AnyEvent> {
  readonly events: Event;
}

/** The events that consumers receive, without those that only move the cursor. */
export type Yielded<Event extends AnyEvent> = Exclude<
  Event,
  { readonly __typename: "Ready" } | { readonly __typename: "Heartbeat" }
>;

export interface EventStreamOptions<Result extends EventsResult, Variables> {
  connection: Connection;
  /** A subscription to `events` that passes `$after` and selects `__typename` and `cursor`. */
  document: AnyDocument<Result, Variables>;
  /** The document's variables except `after`, which the stream sets. */
  variables?: Omit<Variables, "after"> | undefined;
  /**
   * Cursor after which the stream starts: a `viewer.cursor` or an earlier stream's `cursor`.
   * Default: now.
   */
  after?: string | undefined;
  /** Called when the stream's state changes. */
  onStatus?: ((status: ConnectionStatus) => void) | undefined;
  /** Ends the stream, like `return()`. */
  signal?: AbortSignal | undefined;
  /** Called when an event arrives, before the consumer receives it. */
  onArrival?: ((event: Yielded<Result["events"]>) => void) | undefined;
  /** Prints documents that are syntax trees. */
  print?: PrintDocument | undefined;
  /**
   * Maximum number of events that wait for the consumer. When it is reached, the stream pauses.
   * Default: 1000.
   */
  bufferSize?: number | undefined;
}

/** Events, each once and in order, across reconnects. */
export interface EventStream<Event> extends AsyncIterableIterator<Event, undefined> {
  /**
   * The consumer's position: the cursor of the last event it received, or of a later heartbeat.
   * Store it after handling an event, and pass it as `after` to resume.
   */
  readonly cursor: string | undefined;
  readonly status: ConnectionStatus;
  /**
   * Skips the wait for the next attempt. If a connection is open, checks that it is still alive.
   */
  reconnectNow(): void;
  /** Ends the stream without an error and discards waiting events. */
  return(): Promise<IteratorResult<Event, undefined>>;
}

const DEFAULT_BUFFER_SIZE = 1_000;

/** The stream fails after this many attempts in a row that fail at the same event. */
const MAX_ATTEMPTS = 5;

/** Delays between attempts after the server rejected, ended or failed the operation. */
const retryBackoff = { baseMs: 300, capMs: 10_000 };

/**
 * Opens a stream of events immediately. Iterate it, or call its `return()`.
 *
 * The stream reconnects and resumes, also after an `EventGap`, which the consumer receives.
 * `return()` or the signal end it without an error. If a retry is pointless, it rejects with an
 * `UnauthenticatedError`, `SessionEndedError`, `ForbiddenError`, `RequestError` or `ClosedError`.
 */
export function makeEventStream<Result extends EventsResult, Variables>(
  options: EventStreamOptions<Result, Variables>,
): EventStream<Yielded<Result["events"]>> {
  type Event = Yielded<Result["events"]>;
  const { connection, signal } = options;
  const query = documentText(options.document, options.print);
  const bufferSize = options.bufferSize ?? DEFAULT_BUFFER_SIZE;
  /** Cursor of the last received event. A new connection resumes here. */
  let received = options.after;
  /** Cursor of the last event that the consumer took. */
  let consumed = options.after;
  let status: ConnectionStatus = { state: "connecting", attempt: 0 };
  let stopOperation: (() => void) | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  /** Whether the server sent `Ready`. Earlier errors reject the whole operation, not one event. */
  let ready = false;
  let finished = false;
  const queue = makePullQueue<Event>((event) => {
    consumed = event.cursor;
  });

  function report(next: ConnectionStatus): void {
    status = next;
    options.onStatus?.(next);
  }

  function pause(): void {
    clearTimeout(retryTimer);
    retryTimer = undefined;
    stopOperation?.();
    stopOperation = undefined;
  }

  function release(): boolean {
    if (finished) return false;
    finished = true;
    pause();
    signal?.removeEventListener("abort", finish);
    return true;
  }

  function finish(): void {
    if (!release()) return;
    queue.clear();
    report({ state: "closed", attempt: 0 });
  }

  function fail(error: ParleyError): void {
    if (!release()) return;
    queue.end(error);
    report({ state: "closed", attempt: 0, reason: error.message });
  }

  /** Restarts the operation at the stream's current position. */
  function resume(): void {
    pause();
    ready = false;
    // Each start has its own flag, so that a replaced operation cannot reach the stream.
    let current = true;
    const stop = connection.start({
      payload: () => ({
        query,
        variables: { ...options.variables, ...(received === undefined ? {} : { after: received }) },
      }),
      next: (result) => {
        if (current) onResult(result);
      },
      error: (errors) => {
        if (current) onErrors(errors);
      },
      complete: () => {
        if (current) retry("The server ended the stream.");
      },
      status: (next) => {
        // The stream is live when the server sends Ready, not when the socket opens.
        if (current && next.state !== "live") report(next);
      },
      failed: (error) => {
        if (current) fail(error);
      },
    });
    stopOperation = () => {
      current = false;
      stop();
    };
    // `start` may fail the operation before it returns.
    if (finished) stopOperation();
  }

  function retry(reason: string): void {
    pause();
    failures += 1;
    const retryInMs = backoffMs(failures, retryBackoff);
    retryTimer = setTimeout(resume, retryInMs);
    report({ state: "reconnecting", attempt: failures, retryInMs, reason });
  }

  function onErrors(errors: readonly ResponseError[]): void {
    const error = requestError(errors);
    if (error.retryable) retry(error.message);
    else fail(error);
  }

  function onResult(result: ExecutionResult): void {
    const event = readEvent<Result["events"]>(result);
    if (event === undefined) {
      const errors = result.errors ?? [
        { message: "The document must select `__typename` and `cursor` on `events`." },
      ];
      // Skipping a failed event would lose it. A retry may succeed, but the number of retries is
      // limited.
      if (ready && failures + 1 >= MAX_ATTEMPTS) fail(requestError(errors));
      else onErrors(errors);
      return;
    }
    if (event.__typename === "Ready") {
      ready = true;
      // If the stream resumes at a cursor, only events move it: the replay follows `Ready`.
      received ??= event.cursor;
      consumed ??= event.cursor;
      report({ state: "live", attempt: 0 });
      return;
    }
    failures = 0;
    // Cursors strictly increase within a stream, so an equal cursor marks a duplicate.
    if (event.cursor === received && event.__typename !== "EventGap") return;
    received = event.cursor;
    if (event.__typename === "Heartbeat") {
      if (queue.size === 0) consumed = event.cursor;
      return;
    }
    options.onArrival?.(event as Event);
    queue.put(event as Event);
    if (queue.size < bufferSize) return;
    pause();
    report({
      state: "reconnecting",
      attempt: 0,
      reason: "The consumer is slower than the events.",
    });
  }

  if (signal?.aborted === true) finish();
  else {
    signal?.addEventListener("abort", finish);
    resume();
  }

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      const taken = queue.take();
      const paused = stopOperation === undefined && retryTimer === undefined;
      if (!finished && paused && queue.size === 0) resume();
      return taken;
    },
    return() {
      finish();
      return Promise.resolve({ done: true, value: undefined });
    },
    reconnectNow() {
      if (retryTimer !== undefined) resume();
      else connection.reconnectNow();
    },
    get cursor() {
      return consumed;
    },
    get status() {
      return status;
    },
  };
}

function readEvent<Event extends AnyEvent>(result: ExecutionResult): Event | undefined {
  const { data } = result;
  if (typeof data !== "object" || data === null || !("events" in data)) return undefined;
  const { events } = data;
  if (typeof events !== "object" || events === null) return undefined;
  if (!("__typename" in events) || !("cursor" in events)) return undefined;
  return typeof events.cursor === "string" ? (events as Event) : undefined;
}
