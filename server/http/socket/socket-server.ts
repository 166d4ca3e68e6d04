import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { CloseCode as ProtocolCode, GRAPHQL_TRANSPORT_WS_PROTOCOL } from "graphql-ws";
import { WebSocketServer } from "ws";
import type { Config } from "../../config.ts";
import type { LiveSessions } from "../../kernel/viewer.ts";
import type { Logger } from "../../kernel/logger.ts";
import { makeEventLoopBudget } from "../../log/event-loop-budget.ts";
import { CloseCode } from "../close-codes.ts";
import type { OpenConnections } from "../open-connections.ts";
import { addressOf, cookieOf, deviceOf, isAllowedOrigin } from "../requests.ts";
import { Connection, ConnectionSocket, type ConnectionParts } from "./connection.ts";
import type { OperationStarter } from "./operation-starter.ts";
import { startPinging } from "./socket-life.ts";

const MAX_MESSAGE_BYTES = 262_144;
/**
 * Sockets admitted in one event-loop turn, a few milliseconds of work, so that a wave of reconnects does
 * not stall open sockets.
 */
const UPGRADES_PER_TURN = 8;

export interface SocketServer {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Number of open sockets. */
  readonly size: number;
  /** Number of sockets closed because their client read too slowly, since the start. */
  readonly slow: number;
  /** Unsent bytes in this process: of all sockets, and of the largest one. */
  waiting(): { total: number; largest: number };
  /**
   * Lets running operations finish for up to `patienceMs`, then asks every client to reconnect elsewhere.
   */
  close(patienceMs: number): Promise<void>;
}

export interface SocketServerOptions {
  config: Config;
  liveSessions: LiveSessions;
  connections: OpenConnections;
  logger: Logger;
  start: OperationStarter;
  shown: ConnectionParts["formatErrors"];
}

export function makeSocketServer(options: SocketServerOptions): SocketServer {
  const { config, connections, logger } = options;
  const open = new Set<Connection>();
  let slow = 0;
  let accepted = 0;
  let closing = false;
  const upgradeBudget = makeEventLoopBudget(UPGRADES_PER_TURN);
  const parts: ConnectionParts = {
    liveSessions: options.liveSessions,
    connections,
    logger,
    initMs: config.SOCKET_INIT_SECONDS * 1_000,
    bufferBytes: config.SOCKET_BUFFER_BYTES,
    start: options.start,
    formatErrors: options.shown,
    overflowed: () => {
      slow += 1;
    },
    gone: (connection) => {
      open.delete(connection);
    },
  };
  const sockets = new WebSocketServer({
    noServer: true,
    WebSocket: ConnectionSocket,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    // Automatic pongs would pile up for a client that pings and does not read.
    autoPong: false,
    // This server tracks the clients itself.
    clientTracking: false,
    handleProtocols: (protocols) =>
      protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) && GRAPHQL_TRANSPORT_WS_PROTOCOL,
  });

  const accept = (socket: ConnectionSocket, request: IncomingMessage, address: string): void => {
    const visitor = { address, device: deviceOf(request), cookie: cookieOf(request, config) };
    const connection = new Connection(parts, socket, visitor, accepted);
    accepted += 1;
    open.add(connection);
    if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL)
      connection.close(ProtocolCode.SubprotocolNotAcceptable, "Subprotocol not acceptable");
  };

  const authorize = async (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> => {
    const address = addressOf(request, config);
    if (!connections.addresses.add(address)) {
      refuseUpgrade(socket, "429 Too Many Requests");
      return;
    }
    // After admission, the connection frees the address when it closes.
    const leave = (): void => {
      connections.addresses.remove(address);
    };
    socket.once("close", leave);
    socket.on("error", destroyed);
    await upgradeBudget.take(1);
    if (closing) refuseUpgrade(socket, "503 Service Unavailable");
    else
      sockets.handleUpgrade(request, socket, head, (opened) => {
        socket.off("error", destroyed);
        socket.off("close", leave);
        accept(opened, request, address);
      });
  };

  const pinging = startPinging(open);

  return {
    upgrade: (request, socket, head) => {
      if (closing) refuseUpgrade(socket, "503 Service Unavailable");
      else if (!isAllowedOrigin(request, config)) refuseUpgrade(socket, "403 Forbidden");
      else void authorize(request, socket, head);
    },
    get size() {
      return open.size;
    },
    get slow() {
      return slow;
    },
    waiting: () => {
      let [total, largest] = [0, 0];
      for (const { unread } of open) {
        total += unread;
        largest = Math.max(largest, unread);
      }
      return { total, largest };
    },
    close: async (patienceMs) => {
      closing = true;
      clearInterval(pinging);
      const deadline = Date.now() + patienceMs;
      while (Date.now() < deadline && [...open].some(({ executing }) => executing > 0)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      for (const connection of open)
        connection.closeSoon(CloseCode.SERVICE_RESTART, "Service restart");
      sockets.close();
    },
  };
}

/** A shared function, so that no closure keeps the request alive. */
function destroyed(this: Duplex): void {
  this.destroy();
}

/** Responds to a rejected upgrade request. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on("error", destroyed);
  // A client that keeps its side open would stay connected and uncounted.
  socket.once("finish", destroyed);
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
