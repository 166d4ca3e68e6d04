import { backoffMs } from "../backoff.ts";
import { type ParleyError, requestError, type ResponseError } from "../errors.ts";
import type { ExecutionResult } from "../http.ts";
import { type AnyDocument, documentText, type PrintDocument } from "../typed-document.ts";
import type { Connection, ConnectionStatus } from "./connection.ts";
import { makePullQueue } from "./pull-queue.ts";

/** What every event has, and what a document must select on it. */
export interface AnyEvent {
  readonly __typename: string;
  readonly cursor: string;
}

/** The result of a document whose root field is `events`. */
export interface EventsResult<Event extends AnyEvent = AnyEvent> {
  readonly events: Event;
}

/** The events of a result that consumers see: all but those that only move the cursor. */
export type Yielded<Event extends AnyEvent> = Exclude<
  Event,
  { readonly __typename: "Ready" } | { readonly __typename: "Heartbeat" }
>;

export interface EventStreamOptions<Result extends EventsResult, Variables> {
  connection: Connection;
  /** A subscription to `events` that passes `$after` on and selects `__typename` and `cursor`. */
  document: AnyDocument<Result, Variables>;
  /** The document's variables without `after`, which is the stream's own business. */
  variables?: Omit<Variables, "after"> | undefined;
  /** Where to go on from: a `viewer.cursor`, or the `cursor` of an earlier stream. Default: now. */
  after?: string | undefined;
  /** Called whenever the stream's state changes. */
  onStatus?: ((status: ConnectionStatus) => void) | undefined;
  /** Ends the stream, like `return()`. */
  signal?: AbortSignal | undefined;
  /** Called with each event as it arrives, before the consumer gets it. */
  onArrival?: ((event: Yielded<Result["events"]>) => void) | undefined;
  /** Prints documents that are syntax trees. */
  print?: PrintDocument | undefined;
  /** How many events may wait for the consumer before the server is told to stop. Default 1000. */
  bufferSize?: number | undefined;
}

/** Events, each once and in order, over any number of connections. */
export interface EventStream<Event> extends AsyncIterableIterator<Event, undefined> {
  /**
   * Where the consumer stands: the cursor of the event that it was given last, or of a later place
   * before which there is nothing for it. Keep it after having handled an event, and pass it as
   * `after` to go on from there.
   */
  readonly cursor: string | undefined;
  readonly status: ConnectionStatus;
  /** Ends a wait for the next attempt, and checks at once whether an open connection is alive. */
  reconnectNow(): void;
  return(): Promise<IteratorResult<Event, undefined>>;
}

const DEFAULT_BUFFER_SIZE = 1_000;

/** A stream gives up when so many attempts in a row fail at the very same event. */
const MAX_FAILURES = 5;

/** Waits between attempts after the server refused, ended or failed the operation, in milliseconds. */
const refusedBackoff = { baseMs: 300, capMs: 10_000 };

/**
 * Opens a stream of events at once; iterate it or call its `return()`.
 *
 * It reconnects and resumes by itself, after an `EventGap` too, which the consumer sees. It ends
 * quietly by `return()` or the signal, and rejects with an `UnauthenticatedError`, a
 * `SessionEndedError`, a `ForbiddenError`, a `RequestError` or a `ClosedError` when going on is
 * pointless.
 */
export function makeEventStream<Result extends EventsResult, Variables>(
  options: EventStreamOptions<Result, Variables>,
): EventStream<Yielded<Result["events"]>> {
  type Event = Yielded<Result["events"]>;
  const { connection, signal } = options;
  const query = documentText(options.document, options.print);
  const bufferSize = options.bufferSize ?? DEFAULT_BUFFER_SIZE;
  /** The end of what was received: where a new connection goes on. */
  let received = options.after;
  /** The end of what the consumer was given. */
  let consumed = options.after;
  let status: ConnectionStatus = { state: "connecting", attempt: 0 };
  let stopOperation: (() => void) | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  /** Whether the present operation has begun: before that, a failure is a refusal of the whole. */
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

  /** Starts the operation anew from where the stream stands. */
  function resume(): void {
    pause();
    ready = false;
    // Each start gets callbacks of its own, so that a replaced operation cannot reach the stream.
    let current = true;
    const stop = connection.start({
      payload: () => ({
        query,
        variables: { ...options.variables, ...(received === undefined ? {} : { after: received }) },
      }),
      next: (result) => {
        if (current) take(result);
      },
      error: (errors) => {
        if (current) refused(errors);
      },
      complete: () => {
        if (current) retry("The server ended the stream.");
      },
      status: (next) => {
        // Live is what the stream is once the server says Ready, not when the socket is open.
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
    // The connection may have failed the operation before there was anything to stop.
    if (finished) stopOperation();
  }

  function retry(reason: string): void {
    pause();
    failures += 1;
    const retryInMs = backoffMs(failures, refusedBackoff);
    retryTimer = setTimeout(resume, retryInMs);
    report({ state: "reconnecting", attempt: failures, retryInMs, reason });
  }

  function refused(errors: readonly ResponseError[]): void {
    const error = requestError(errors);
    if (error.retryable) retry(error.message);
    else fail(error);
  }

  function take(result: ExecutionResult): void {
    const event = readEvent<Result["events"]>(result);
    if (event === undefined) {
      const errors = result.errors ?? [
        { message: "The document must select `__typename` and `cursor` on `events`." },
      ];
      // Skipping an event that failed would lose it; asking again may work, but not for ever.
      if (ready && failures + 1 >= MAX_FAILURES) fail(requestError(errors));
      else refused(errors);
      return;
    }
    if (event.__typename === "Ready") {
      ready = true;
      // With a cursor of our own, only events move it: the replay is still to come.
      received ??= event.cursor;
      consumed ??= event.cursor;
      report({ state: "live", attempt: 0 });
      return;
    }
    failures = 0;
    // Cursors strictly increase within a stream, so an equal one is a repetition.
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
