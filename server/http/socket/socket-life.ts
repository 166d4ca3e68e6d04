import type { WebSocket } from "ws";
import type { Wire } from "../../delivery/outbox.ts";

const PING_INTERVAL_MS = 20_000;
/**
 * Sockets are pinged in this many groups, one after another, so that many silent sockets do not end at
 * the same time.
 */
const PING_PARTS = 40;
/** How long a client may take to confirm a close, in milliseconds; the maximum is twice as long. */
const CLOSE_TIMEOUT_MS = 1_500;

/** A connection that can be pinged. */
interface Alive {
  /** Determines its ping group. */
  readonly number: number;
  /** Sends a ping, or ends the connection if it did not respond to the last one. */
  ping(): void;
}

/**
 * Pings every connection each 20 s, with one timer for all, and ends those that did not respond to the
 * last ping.
 *
 * @param open all connections, read at each ping
 */
export function startPinging(open: ReadonlySet<Alive>): NodeJS.Timeout {
  let part = 0;
  const pinging = setInterval(() => {
    part = (part + 1) % PING_PARTS;
    for (const connection of open) if (connection.number % PING_PARTS === part) connection.ping();
  }, PING_INTERVAL_MS / PING_PARTS);
  return pinging.unref();
}

/**
 * Closes a socket with a code. A client that does not read cannot confirm, so the socket is destroyed
 * after a delay; the delays are spread, so that the end of many sockets does not block others.
 */
export function closeSoon(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  setTimeout(
    () => {
      socket.terminate();
    },
    CLOSE_TIMEOUT_MS * (1 + Math.random()),
  ).unref();
}

/**
 * Returns the network socket below a WebSocket. ws 8 keeps it in a private field, so its version is
 * pinned. All writes that bypass ws are whole frames.
 */
export function wireOf(socket: WebSocket): Wire | null {
  if (socket.readyState !== socket.OPEN) return null;
  return (socket as unknown as { _socket: Wire | null })._socket;
}
