import type { WebSocket } from "ws";
import type { Wire } from "../../delivery/outbox.ts";

const PING_INTERVAL_MS = 20_000;
/** Parts that sockets are asked in, one after another: so that many that fell silent do not end at once. */
const PING_PARTS = 40;
/** How long a receiver may take to answer a farewell, and at the most twice as long, in milliseconds. */
const CLOSE_PATIENCE_MS = 1_500;

/** Something that gives signs of life. */
interface Alive {
  /** By which it is asked in one part of a round. */
  readonly number: number;
  /** Asks it, and ends it where it has not answered since the last time. */
  ping(): void;
}

/**
 * Asks all of them for a sign of life every 20 s, with one timer for all. Whoever has not answered since the
 * last time is gone.
 *
 * @param open all of them, looked at each time
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
 * Closes with a code; a receiver that does not read cannot answer, so it is cut off after a while: each of
 * many after another one, so that nobody else waits for their end.
 */
export function closeSoon(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  setTimeout(
    () => {
      socket.terminate();
    },
    CLOSE_PATIENCE_MS * (1 + Math.random()),
  ).unref();
}

/**
 * The network socket below a WebSocket. ws 8 keeps it in a private field; its version is pinned, and
 * all that goes around ws is whole frames between its own.
 */
export function wireOf(socket: WebSocket): Wire | null {
  if (socket.readyState !== socket.OPEN) return null;
  return (socket as unknown as { _socket: Wire | null })._socket;
}
