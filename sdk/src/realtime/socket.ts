import { CloseCode, type OperationMessage, readMessage, SUBPROTOCOL } from "./protocol.ts";
import type { WebSocketConstructor, WebSocketLike } from "./websocket.ts";

/** Waits of one socket, all in milliseconds. */
export interface SocketTimes {
  /** How long opening and handshake may take together. */
  connectMs: number;
  /** After so much silence the server is asked for a sign of life. */
  pingAfterMs: number;
  /** How long it may take to give one, before the socket counts as dead. */
  pongWithinMs: number;
}

export interface SocketHandlers {
  /** The server accepted the connection: operations may start. */
  acknowledged(): void;
  message(message: OperationMessage): void;
  /** The socket is gone for whatever reason. Called once, and nothing is called after it. */
  closed(code: number, reason: string): void;
}

/** One WebSocket that speaks graphql-transport-ws. It never comes back: a new one replaces it. */
export interface Socket {
  /** Sends a message; does nothing when the socket is gone. */
  send(message: object): void;
  /** Asks for a sign of life now, and declares the socket dead without one in time. */
  probe(): void;
  /** Closes the socket; no handler is called any more. */
  close(code: number, reason: string): void;
}

/**
 * Opens a socket.
 *
 * @param parameters the payload of `connection_init`
 */
export function openSocket(
  WebSocket: WebSocketConstructor,
  url: string,
  parameters: Readonly<Record<string, unknown>>,
  times: SocketTimes,
  handlers: SocketHandlers,
): Socket {
  const raw = new WebSocket(url, SUBPROTOCOL);
  let finished = false;
  let acknowledged = false;
  let heardAt = 0;
  let askedAt: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined = setTimeout(() => {
    dead("The server did not answer in time.");
  }, times.connectMs);

  function finish(): void {
    finished = true;
    clearTimeout(timer);
  }

  /** Gives up on a peer that does not answer; a closing handshake would wait for it in vain. */
  function dead(reason: string): void {
    finish();
    if (raw.terminate === undefined) raw.close();
    else raw.terminate();
    handlers.closed(1006, reason);
  }

  function send(message: object): void {
    if (!finished) raw.send(JSON.stringify(message));
  }

  function ask(): void {
    askedAt = performance.now();
    send({ type: "ping" });
    clearTimeout(timer);
    timer = setTimeout(watch, times.pongWithinMs);
  }

  // Runs rarely instead of at each message: it looks at when something was heard last.
  function watch(): void {
    const silentMs = performance.now() - heardAt;
    if (askedAt !== undefined && heardAt < askedAt) dead("The connection went silent.");
    else if (silentMs >= times.pingAfterMs) ask();
    else timer = setTimeout(watch, times.pingAfterMs - silentMs);
  }

  raw.addEventListener("open", () => {
    send({ type: "connection_init", payload: parameters });
  });
  raw.addEventListener("message", ({ data }) => {
    if (finished) return;
    heardAt = performance.now();
    const message = readMessage(data);
    if (message === undefined) {
      finish();
      closeQuietly(raw, CloseCode.badRequest, "Invalid message");
      handlers.closed(1002, "The server sent something that is not of the protocol.");
    } else if (message.type === "ping") {
      send({ type: "pong" });
    } else if (message.type === "connection_ack") {
      if (acknowledged) return;
      acknowledged = true;
      clearTimeout(timer);
      timer = setTimeout(watch, times.pingAfterMs);
      handlers.acknowledged();
    } else if (message.type !== "pong") {
      handlers.message(message);
    }
  });
  raw.addEventListener("close", ({ code, reason }) => {
    if (finished) return;
    finish();
    handlers.closed(code, reason);
  });
  // A close follows each error; without a listener, `ws` would throw it.
  raw.addEventListener("error", () => {});

  return {
    send,
    probe() {
      if (!finished && acknowledged) ask();
    },
    close(code, reason) {
      if (finished) return;
      finish();
      closeQuietly(raw, code, reason);
    },
  };
}

function closeQuietly(raw: WebSocketLike, code: number, reason: string): void {
  try {
    raw.close(code, reason);
  } catch {
    // A socket that is still connecting may refuse a code; it is dropped all the same.
    raw.close();
  }
}
