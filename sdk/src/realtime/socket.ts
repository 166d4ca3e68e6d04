import { CloseCode, type OperationMessage, readMessage, SUBPROTOCOL } from "./protocol.ts";
import type { WebSocketConstructor, WebSocketLike } from "./websocket.ts";

/** Timeouts of one socket, in milliseconds. */
export interface SocketTimes {
  /** Maximum time for opening and handshake together. */
  connectMs: number;
  /** Silence after which the client sends a ping. */
  pingAfterMs: number;
  /** Maximum wait for a pong. After it, the socket counts as dead. */
  pongWithinMs: number;
}

export interface SocketHandlers {
  /** The server accepted the connection. Operations may start. */
  acknowledged(): void;
  message(message: OperationMessage): void;
  /** The socket closed, for any reason. Called once, as the last callback. */
  closed(code: number, reason: string): void;
}

/**
 * One WebSocket that speaks graphql-transport-ws. It never reconnects; a new socket replaces it.
 */
export interface Socket {
  /** Sends a message. No effect after the socket closed. */
  send(message: object): void;
  /** Sends a ping now. Without a timely pong, the socket counts as dead. */
  probe(): void;
  /** Closes the socket. No callback follows. */
  close(code: number, reason: string): void;
}

/**
 * Opens a socket.
 *
 * @param parameters payload of `connection_init`
 */
export function openSocket(
  WebSocket: WebSocketConstructor,
  url: string,
  parameters: Readonly<Record<string, unknown>>,
  times: SocketTimes,
  handlers: SocketHandlers,
): Socket {
  const raw = new WebSocket(url, SUBPROTOCOL);
  let closed = false;
  let acknowledged = false;
  let lastMessageAt = 0;
  let pingSentAt: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined = setTimeout(() => {
    giveUp("The server did not respond in time.");
  }, times.connectMs);

  function markClosed(): void {
    closed = true;
    clearTimeout(timer);
  }

  /** Drops an unresponsive peer without a closing handshake, which it would not complete. */
  function giveUp(reason: string): void {
    markClosed();
    if (raw.terminate === undefined) raw.close();
    else raw.terminate();
    handlers.closed(1006, reason);
  }

  function send(message: object): void {
    if (!closed) raw.send(JSON.stringify(message));
  }

  function ping(): void {
    pingSentAt = performance.now();
    send({ type: "ping" });
    clearTimeout(timer);
    timer = setTimeout(checkAlive, times.pongWithinMs);
  }

  // Runs on a timer and compares the time of the last message, which is cheaper than work per
  // message.
  function checkAlive(): void {
    const silentMs = performance.now() - lastMessageAt;
    if (pingSentAt !== undefined && lastMessageAt < pingSentAt)
      giveUp("The connection went silent.");
    else if (silentMs >= times.pingAfterMs) ping();
    else timer = setTimeout(checkAlive, times.pingAfterMs - silentMs);
  }

  raw.addEventListener("open", () => {
    send({ type: "connection_init", payload: parameters });
  });
  raw.addEventListener("message", ({ data }) => {
    if (closed) return;
    lastMessageAt = performance.now();
    const message = readMessage(data);
    if (message === undefined) {
      markClosed();
      closeQuietly(raw, CloseCode.badRequest, "Invalid message");
      handlers.closed(1002, "The server sent a message that violates the protocol.");
    } else if (message.type === "ping") {
      send({ type: "pong" });
    } else if (message.type === "connection_ack") {
      if (acknowledged) return;
      acknowledged = true;
      clearTimeout(timer);
      timer = setTimeout(checkAlive, times.pingAfterMs);
      handlers.acknowledged();
    } else if (message.type !== "pong") {
      handlers.message(message);
    }
  });
  raw.addEventListener("close", ({ code, reason }) => {
    if (closed) return;
    markClosed();
    handlers.closed(code, reason);
  });
  // A close event follows each error. Without a listener, `ws` would throw the error.
  raw.addEventListener("error", () => {});

  return {
    send,
    probe() {
      if (!closed && acknowledged) ping();
    },
    close(code, reason) {
      if (closed) return;
      markClosed();
      closeQuietly(raw, code, reason);
    },
  };
}

function closeQuietly(raw: WebSocketLike, code: number, reason: string): void {
  try {
    raw.close(code, reason);
  } catch {
    // A connecting socket may reject a close code. Close it without one.
    raw.close();
  }
}
