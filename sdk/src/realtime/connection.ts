import { backoffMs, type BackoffOptions } from "../backoff.ts";
import { ClosedError, NetworkError, type ParleyError, type ResponseError } from "../errors.ts";
import type { ExecutionResult } from "../http.ts";
import { CloseCode, fatalClose, type OperationMessage, type OperationPayload } from "./protocol.ts";
import { openSocket, type Socket, type SocketTimes } from "./socket.ts";
import { findWebSocket, type WebSocketConstructor, webSocketUrl } from "./websocket.ts";

/** The state of a connection, or of a stream on it. */
export interface ConnectionStatus {
  /** `closed` is the state before the first operation, after the last, and after `close()`. */
  readonly state: "connecting" | "live" | "reconnecting" | "closed";
  /** Failed attempts in a row since the connection was last live; 0 while it is live. */
  readonly attempt: number;
  /** Milliseconds until the next attempt, if one is scheduled. */
  readonly retryInMs?: number;
  /** Why the connection is not live, as text for users. */
  readonly reason?: string;
}

export interface ConnectionOptions {
  /** URL of the GraphQL endpoint; `http(s)` becomes `ws(s)`. */
  url: string;
  /**
   * Returns the session's token; called at each (re)connect. Without a token, a cookie may
   * authenticate.
   */
  token?: (() => string | undefined) | undefined;
  /** Replaces the platform's WebSocket class. */
  webSocketImpl?: WebSocketConstructor | undefined;
  times?: Partial<SocketTimes> | undefined;
  /** Delays between connection attempts. */
  backoff?: BackoffOptions | undefined;
}

/** Callbacks of one operation. The operation survives the replacement of its socket. */
export interface OperationSink {
  /**
   * Returns the request. Called at each (re)connect, so that a stream can resume at its cursor.
   */
  payload(): OperationPayload;
  /** Called with each result. */
  next(result: ExecutionResult): void;
  /** The server rejected or ended the operation. No further callback follows. */
  error(errors: readonly ResponseError[]): void;
  /** The server completed the operation. No further callback follows. */
  complete(): void;
  /** The socket changed its state. `live` means that the operation was sent again. */
  status(status: ConnectionStatus): void;
  /** The connection ended permanently. No further callback follows. */
  failed(error: ParleyError): void;
}

/**
 * One socket shared by all operations. While operations exist, a new socket replaces a lost one.
 */
export interface Connection {
  /** Starts an operation. The returned function stops it; no callback follows. */
  start(sink: OperationSink): () => void;
  /** Skips the wait for the next attempt. If a socket is open, checks that it is still alive. */
  reconnectNow(): void;
  /** Replaces the socket after the token changed. */
  renew(): void;
  /** Ends all operations with an error. New operations may start. */
  end(error: ParleyError): void;
  /** Ends all operations and rejects new ones. */
  close: () => void;
  readonly status: ConnectionStatus;
}

const defaultTimes: SocketTimes = { connectMs: 10_000, pingAfterMs: 5_000, pongWithinMs: 4_000 };
const defaultBackoff: BackoffOptions = { baseMs: 300, capMs: 10_000 };

/** A connection that lasts this long, in milliseconds, resets the attempt counter. */
const STABLE_MS = 1_000;

/**
 * Creates a connection. It opens a socket for the first operation and closes it after the last.
 */
export function makeConnection(options: ConnectionOptions): Connection {
  const url = webSocketUrl(options.url);
  const times = { ...defaultTimes, ...options.times };
  const backoff = options.backoff ?? defaultBackoff;
  /** Operations by their id on the current socket. */
  const operations = new Map<string, OperationSink>();
  const sinks = new Set<OperationSink>();
  let nextId = 1;
  let socket: Socket | undefined;
  /** Identifies the current attempt. Results of earlier attempts are ignored. */
  let generation = 0;
  let acknowledgedAt: number | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let closed = false;
  let status: ConnectionStatus = { state: "closed", attempt: 0 };

  function report(next: ConnectionStatus): void {
    status = next;
    for (const sink of [...sinks]) sink.status(next);
  }

  /** Drops the socket and cancels any scheduled reconnect. */
  function reset(reason: string): void {
    generation += 1;
    clearTimeout(retryTimer);
    retryTimer = undefined;
    socket?.close(CloseCode.normal, reason);
    socket = undefined;
    acknowledgedAt = undefined;
    operations.clear();
  }

  function goIdle(): void {
    reset("Done");
    attempt = 0;
    status = { state: "closed", attempt: 0 };
  }

  function end(error: ParleyError): void {
    const ended = [...sinks];
    sinks.clear();
    goIdle();
    for (const sink of ended) sink.failed(error);
  }

  function connect(): void {
    reset("Replaced");
    const started = generation;
    report(attempt === 0 ? { state: "connecting", attempt } : { state: "reconnecting", attempt });
    void open(started).catch((cause: unknown) => {
      if (started !== generation) return;
      end(new NetworkError(cause instanceof Error ? cause.message : String(cause), cause));
    });
  }

  async function open(started: number): Promise<void> {
    const WebSocket = await findWebSocket(options.webSocketImpl);
    if (started !== generation) return;
    const token = options.token?.();
    socket = openSocket(WebSocket, url, token === undefined ? {} : { token }, times, {
      acknowledged() {
        acknowledgedAt = performance.now();
        for (const sink of sinks) subscribe(sink);
        report({ state: "live", attempt: 0 });
      },
      message: dispatch,
      closed: onClosed,
    });
  }

  function subscribe(sink: OperationSink): void {
    const id = String(nextId++);
    operations.set(id, sink);
    socket?.send({ id, type: "subscribe", payload: sink.payload() });
  }

  function dispatch(message: OperationMessage): void {
    // Frames of a stopped operation may still arrive.
    const sink = operations.get(message.id);
    if (sink === undefined) return;
    if (message.type === "next") {
      sink.next(message.payload);
      return;
    }
    operations.delete(message.id);
    sinks.delete(sink);
    if (message.type === "error") sink.error(message.payload);
    else sink.complete();
    if (sinks.size === 0) goIdle();
  }

  function onClosed(code: number, reason: string): void {
    const wasStable =
      acknowledgedAt !== undefined && performance.now() - acknowledgedAt >= STABLE_MS;
    reset("Lost");
    const fatal = fatalClose(code, reason);
    if (fatal !== undefined) {
      end(fatal);
      return;
    }
    attempt = wasStable ? 1 : attempt + 1;
    const waitMs =
      code === CloseCode.serviceRestart && attempt === 1
        ? // Other instances are ready: reconnect now, with jitter to spread the load.
          Math.round((backoff.random ?? Math.random)() * backoff.baseMs)
        : backoffMs(attempt, backoff);
    retryTimer = setTimeout(connect, waitMs);
    report({
      state: "reconnecting",
      attempt,
      retryInMs: waitMs,
      reason: reason === "" ? `The connection was lost (${code}).` : reason,
    });
  }

  function stop(sink: OperationSink): void {
    if (!sinks.delete(sink)) return;
    for (const [id, candidate] of operations) {
      if (candidate !== sink) continue;
      operations.delete(id);
      socket?.send({ id, type: "complete" });
    }
    if (sinks.size === 0) goIdle();
  }

  return {
    start(sink) {
      if (closed) {
        sink.failed(new ClosedError());
        return () => {};
      }
      sinks.add(sink);
      if (acknowledgedAt !== undefined) {
        subscribe(sink);
        sink.status(status);
      } else if (sinks.size === 1) connect();
      else sink.status(status);
      return () => stop(sink);
    },
    reconnectNow() {
      if (retryTimer !== undefined) {
        attempt = 0;
        connect();
      } else socket?.probe();
    },
    renew() {
      if (sinks.size > 0) connect();
    },
    end,
    close() {
      closed = true;
      end(new ClosedError());
    },
    get status() {
      return status;
    },
  };
}
