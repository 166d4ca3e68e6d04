import { backoffMs, type BackoffOptions } from "../backoff.ts";
import { ClosedError, NetworkError, type ParleyError, type ResponseError } from "../errors.ts";
import type { ExecutionResult } from "../http.ts";
import { CloseCode, fatalClose, type OperationMessage, type OperationPayload } from "./protocol.ts";
import { openSocket, type Socket, type SocketTimes } from "./socket.ts";
import { findWebSocket, type WebSocketConstructor, webSocketUrl } from "./websocket.ts";

/** How a connection, or a stream on it, is doing. */
export interface ConnectionStatus {
  readonly state: "connecting" | "live" | "reconnecting" | "closed";
  /** How many attempts in a row there have been since it was live last; 0 while all is well. */
  readonly attempt: number;
  /** How long until the next attempt, in milliseconds, where one is waited for. */
  readonly retryInMs?: number;
  /** Why it is not live, for people. */
  readonly reason?: string;
}

export interface ConnectionOptions {
  /** Address of the GraphQL endpoint; `http(s)` is turned into `ws(s)`. */
  url: string;
  /** The session's token, asked for at each (re)connect; without one, a cookie may do. */
  token?: (() => string | undefined) | undefined;
  /** The WebSocket class, where the platform has none or another is wanted. */
  webSocketImpl?: WebSocketConstructor | undefined;
  /** Waits of a socket; see {@link SocketTimes}. */
  times?: Partial<SocketTimes> | undefined;
  /** Bounds of the waits between attempts, in milliseconds. */
  backoff?: BackoffOptions | undefined;
}

/** One operation, which lives through any number of sockets. */
export interface OperationSink {
  /** What to ask; called at each (re)connect, so that a stream can resume from where it stands. */
  payload(): OperationPayload;
  next(result: ExecutionResult): void;
  /** The server refused or ended the operation. Nothing follows. */
  error(errors: readonly ResponseError[]): void;
  /** The server ended the operation. Nothing follows. */
  complete(): void;
  /** The socket under the operation changes its state; `live` means that it was asked again. */
  status(status: ConnectionStatus): void;
  /** The connection is over for good. Nothing follows. */
  failed(error: ParleyError): void;
}

/** One socket at a time, shared by operations; replaced when it is lost, as long as there are any. */
export interface Connection {
  /** Starts an operation; the returned function stops it and calls no handler any more. */
  start(sink: OperationSink): () => void;
  /** Ends a wait for the next attempt, and checks at once whether an open socket is still alive. */
  reconnectNow(): void;
  /** Replaces the socket, because the token has changed. */
  renew(): void;
  /** Ends all operations with an error; new ones may start. */
  end(error: ParleyError): void;
  /** Ends all operations and accepts no more. */
  close: () => void;
  readonly status: ConnectionStatus;
}

const defaultTimes: SocketTimes = { connectMs: 10_000, pingAfterMs: 5_000, pongWithinMs: 4_000 };
const defaultBackoff: BackoffOptions = { baseMs: 300, capMs: 10_000 };

/** A connection that held for so long (in milliseconds) was good: counting starts anew. */
const STABLE_MS = 1_000;

/** Makes a connection. It opens its socket with the first operation and closes it after the last. */
export function makeConnection(options: ConnectionOptions): Connection {
  const url = webSocketUrl(options.url);
  const times = { ...defaultTimes, ...options.times };
  const backoff = options.backoff ?? defaultBackoff;
  /** Operations by the id under which the present socket knows them. */
  const asked = new Map<string, OperationSink>();
  const sinks = new Set<OperationSink>();
  let nextId = 1;
  let socket: Socket | undefined;
  /** Identifies the present attempt: whatever belongs to an older one is ignored. */
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

  /** Drops the socket and all that was going to happen with it. */
  function reset(reason: string): void {
    generation += 1;
    clearTimeout(retryTimer);
    retryTimer = undefined;
    socket?.close(CloseCode.normal, reason);
    socket = undefined;
    acknowledgedAt = undefined;
    asked.clear();
  }

  function idle(): void {
    reset("Done");
    attempt = 0;
    status = { state: "closed", attempt: 0 };
  }

  function end(error: ParleyError): void {
    const ended = [...sinks];
    sinks.clear();
    idle();
    for (const sink of ended) sink.failed(error);
  }

  function connect(): void {
    reset("Replaced");
    const mine = generation;
    report(attempt === 0 ? { state: "connecting", attempt } : { state: "reconnecting", attempt });
    void open(mine).catch((cause: unknown) => {
      if (mine !== generation) return;
      end(new NetworkError(cause instanceof Error ? cause.message : String(cause), cause));
    });
  }

  async function open(mine: number): Promise<void> {
    const WebSocket = await findWebSocket(options.webSocketImpl);
    if (mine !== generation) return;
    const token = options.token?.();
    socket = openSocket(WebSocket, url, token === undefined ? {} : { token }, times, {
      acknowledged() {
        acknowledgedAt = performance.now();
        for (const sink of sinks) ask(sink);
        report({ state: "live", attempt: 0 });
      },
      message: dispatch,
      closed: lost,
    });
  }

  function ask(sink: OperationSink): void {
    const id = String(nextId++);
    asked.set(id, sink);
    socket?.send({ id, type: "subscribe", payload: sink.payload() });
  }

  function dispatch(message: OperationMessage): void {
    // An operation that was stopped may still have frames under way.
    const sink = asked.get(message.id);
    if (sink === undefined) return;
    if (message.type === "next") {
      sink.next(message.payload);
      return;
    }
    asked.delete(message.id);
    sinks.delete(sink);
    if (message.type === "error") sink.error(message.payload);
    else sink.complete();
    if (sinks.size === 0) idle();
  }

  function lost(code: number, reason: string): void {
    const held = acknowledgedAt !== undefined && performance.now() - acknowledgedAt >= STABLE_MS;
    reset("Lost");
    const fatal = fatalClose(code, reason);
    if (fatal !== undefined) {
      end(fatal);
      return;
    }
    attempt = held ? 1 : attempt + 1;
    const waitMs =
      code === CloseCode.serviceRestart && attempt === 1
        ? // Others are ready to take over: come back at once, only not all in the same instant.
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
    for (const [id, candidate] of asked) {
      if (candidate !== sink) continue;
      asked.delete(id);
      socket?.send({ id, type: "complete" });
    }
    if (sinks.size === 0) idle();
  }

  return {
    start(sink) {
      if (closed) {
        sink.failed(new ClosedError());
        return () => {};
      }
      sinks.add(sink);
      if (acknowledgedAt !== undefined) {
        ask(sink);
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
