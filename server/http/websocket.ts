import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import {
  GraphQLError,
  OperationTypeNode,
  subscribe,
  type ExecutionArgs,
  type ExecutionResult,
} from "graphql";
import {
  CloseCode as GraphQLWsCode,
  GRAPHQL_TRANSPORT_WS_PROTOCOL,
  makeServer,
  type Context as SocketContext,
} from "graphql-ws";
import { WebSocketServer, type WebSocket } from "ws";
import type { Config } from "../config.ts";
import type { SessionService, Viewer } from "../domain/auth/session.service.ts";
import type { Context } from "../graphql/context.ts";
import type { Executor } from "../graphql/execute.ts";
import { maskError } from "../graphql/mask.ts";
import { operationOf } from "../graphql/operation.ts";
import type { RateLimits } from "../infra/rate-limits.ts";
import type { Logger } from "../kernel/logger.ts";
import { Outbox, type Wire } from "../log/delivery/outbox.ts";
import { isTransient } from "../log/transient.ts";
import { CloseCode } from "./close-codes.ts";
import { addressOf, cookieOf, isAllowedOrigin } from "./requests.ts";
import type { EventStreams } from "./event-streams.ts";
import type { OpenConnections } from "./open-connections.ts";
import type { SocketState } from "./socket-state.ts";

const MAX_MESSAGE_BYTES = 262_144;
const PING_INTERVAL_MS = 20_000;
const CLOSE_PATIENCE_MS = 2_000;
const DEVICE_MAX_LENGTH = 200;
/** Longest answer, in characters, that waits for the events of the same turn. */
const SMALL_ANSWER = 16_384;

/** Arguments of an execution with what our own hooks need. */
interface OperationArgs extends ExecutionArgs {
  contextValue: Context;
  state: SocketState;
  needsSnapshot: boolean;
  /** For a stream of the log or of signals: opens it. */
  openStream: (() => AsyncGenerator<never, void, void>) | null;
}

export interface SocketServer {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Sockets that are open. */
  readonly size: number;
  /** Lets running operations finish for up to `patienceMs`, then asks every client to reconnect elsewhere. */
  close(patienceMs: number): Promise<void>;
}

export interface SocketServerOptions {
  config: Config;
  executor: Executor;
  sessions: SessionService;
  streams: EventStreams;
  connections: OpenConnections;
  rates: RateLimits;
  logger: Logger;
}

interface InitPayload extends Record<string, unknown> {
  token?: unknown;
}

export function makeSocketServer(options: SocketServerOptions): SocketServer {
  const { config, executor, sessions, streams, connections, rates, logger } = options;
  const open = new Set<SocketState>();
  let accepted = 0;
  let closing = false;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    autoPong: false,
    handleProtocols: (protocols) =>
      protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) && GRAPHQL_TRANSPORT_WS_PROTOCOL,
  });

  const authenticate = async (
    state: SocketState,
    params: InitPayload | undefined,
  ): Promise<boolean> => {
    const token = typeof params?.token === "string" && params.token !== "" ? params.token : null;
    const viewer = await viewerOf(token ?? state.cookie);
    if (viewer === null && token !== null) {
      state.socket.close(CloseCode.UNAUTHORIZED, "Unauthorized");
      return false;
    }
    if (viewer === null) return true;
    const counted = connections.ofAccount(viewer.user.id);
    if (counted === null) {
      state.socket.close(CloseCode.TOO_MANY, "Too many connections");
      return false;
    }
    state.releaseCounts.push(counted);
    state.caller = { ...state.caller, viewer };
    const release = sessions.hold(viewer, () => {
      state.outbox.flush();
      closeSoon(state.socket, CloseCode.SESSION_ENDED, "Session ended");
    });
    // The client may have gone while its token was looked up; then nobody would release anything.
    if (state.socket.readyState === state.socket.OPEN) state.releaseSession = release;
    else {
      release();
      counted();
    }
    return true;
  };
  const viewerOf = async (token: string | null): Promise<Viewer | null> =>
    token === null ? null : sessions.authenticate(token);

  const server = makeServer<InitPayload, SocketState>({
    connectionInitWaitTimeout: config.SOCKET_INIT_SECONDS * 1_000,
    onConnect: (context) => authenticate(context.extra, context.connectionParams),
    onSubscribe: (context, id, payload) => prepare(context, id, payload),
    execute: (args) => run(args as OperationArgs),
    subscribe: (args) => (args as OperationArgs).openStream?.() ?? subscribe(args),
    onError: (_context, _id, _payload, errors) =>
      executor.mask({ errors }, { requestId: "socket" }).errors?.map((error) => error.toJSON()),
  });

  const prepare = (
    context: SocketContext<InitPayload, SocketState>,
    id: string,
    payload: {
      query: string;
      operationName?: string | null | undefined;
      variables?: Record<string, unknown> | null | undefined;
    },
  ): OperationArgs | readonly GraphQLError[] => {
    const state = context.extra;
    // What a client has completed may still be executing, so both are counted.
    const limit = config.SUBSCRIPTIONS_PER_SOCKET;
    if (Object.keys(context.subscriptions).length > limit || state.executing >= limit) {
      const message = `A socket may hold at most ${String(limit)} operations at once.`;
      return [new GraphQLError(message, { extensions: { code: "TOO_MANY_SUBSCRIPTIONS" } })];
    }
    try {
      rates.takeHere("OPERATIONS", state.id);
    } catch (error) {
      return [maskError(error, "socket", logger)];
    }
    const compiled = executor.compile(payload.query);
    if (compiled.errors.length > 0) return compiled.errors;
    const contextValue = executor.context(state.caller);
    const operationName = payload.operationName ?? null;
    const variableValues = payload.variables ?? {};
    const operation = operationOf(compiled.document, operationName);
    const refused = compiled.refusal(operation, variableValues);
    if (refused !== null) return [refused];
    let openStream: OperationArgs["openStream"] = null;
    if (operation?.operation === OperationTypeNode.SUBSCRIPTION) {
      try {
        const request = {
          id,
          source: payload.query,
          compiled,
          operation,
          operationName,
          variableValues,
        };
        openStream = streams.prepare(request, state, contextValue);
      } catch (error) {
        return [maskError(error, contextValue.requestId, logger)];
      }
    }
    const { document, needsSnapshot } = compiled;
    // Counted here and not in `run`: many messages may be prepared before the first of them runs.
    if (operation !== null && operation.operation !== OperationTypeNode.SUBSCRIPTION)
      state.executing += 1;
    if (state.caller.viewer !== null) sessions.noteUse(state.caller.viewer);
    return {
      schema: executor.schema,
      document,
      operationName,
      variableValues,
      contextValue,
      state,
      needsSnapshot,
      openStream,
    };
  };

  const run = async (args: OperationArgs): Promise<ExecutionResult> => {
    try {
      return executor.mask(await executor.execute(args, args.needsSnapshot), args.contextValue);
    } finally {
      args.state.executing -= 1;
    }
  };

  const accept = (socket: WebSocket, request: IncomingMessage, uncount: () => void): void => {
    const overflow = (): void => {
      closeSoon(socket, CloseCode.TOO_SLOW, "Too slow; resume from your last cursor");
    };
    const state: SocketState = {
      socket,
      id: String((accepted += 1)),
      outbox: new Outbox(() => wireOf(socket), config.SOCKET_BUFFER_BYTES, overflow),
      caller: {
        viewer: null,
        address: addressOf(request, config),
        device: (request.headers["user-agent"] ?? "").slice(0, DEVICE_MAX_LENGTH),
      },
      cookie: cookieOf(request, config),
      executing: 0,
      releaseSession: () => undefined,
      releaseCounts: [uncount],
      alive: true,
    };
    open.add(state);
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: (data) => {
          // Most answers are small and leave in one write with the events of the same turn. A large one
          // is asked for: it may wait longer for its reader than what is sent unasked.
          if (data.length <= SMALL_ANSWER) {
            state.outbox.addAnswer(data);
            return;
          }
          state.outbox.flush();
          if (socket.readyState === socket.OPEN) socket.send(data);
        },
        close: (code, reason) => {
          state.outbox.flush();
          socket.close(code, reason);
        },
        onMessage: (receive) => {
          socket.on("message", (data) => {
            listenAgainWhenRead(socket, config.SOCKET_BUFFER_BYTES);
            // eslint-disable-next-line @typescript-eslint/no-base-to-string -- ws hands text over as a Buffer here
            receive(data.toString()).catch((error: unknown) => {
              // It is of the protocol, but for the other direction: the client's mistake.
              if (
                error instanceof Error &&
                error.message.startsWith("Unexpected message of type ")
              ) {
                socket.close(GraphQLWsCode.BadRequest, "Invalid message received");
                return;
              }
              // A database that is away is told of by itself, and once.
              const level = isTransient(error) ? "debug" : "error";
              logger[level]({ err: error }, "A message over a socket could not be handled");
              socket.close(1011, "Internal error");
            });
          });
        },
      },
      state,
    );
    socket.on("ping", (data: Buffer) => {
      // Whoever asks for signs of life and takes none would have them pile up here.
      if (socket.bufferedAmount > config.SOCKET_BUFFER_BYTES) overflow();
      else if (socket.readyState === socket.OPEN) {
        state.outbox.flush();
        socket.pong(data);
      }
    });
    socket.on("pong", () => {
      state.alive = true;
    });
    socket.on("error", (error) => {
      logger.debug({ err: error }, "A socket failed");
    });
    socket.once("close", (code, reason) => {
      open.delete(state);
      state.releaseSession();
      for (const release of state.releaseCounts) release();
      closed(code, reason.toString()).catch((error: unknown) => {
        logger.error({ err: error }, "A socket could not be cleaned up");
      });
    });
  };

  // One timer for all sockets. Whoever has not answered since the last round is gone.
  const pinging = setInterval(() => {
    for (const state of open) {
      if (!state.alive) state.socket.terminate();
      else if (state.socket.readyState === state.socket.OPEN) {
        state.alive = false;
        state.outbox.flush();
        state.socket.ping();
      }
    }
  }, PING_INTERVAL_MS);
  pinging.unref();

  return {
    upgrade: (request, socket, head) => {
      if (closing) refuseUpgrade(socket, "503 Service Unavailable");
      else if (!isAllowedOrigin(request, config)) refuseUpgrade(socket, "403 Forbidden");
      else {
        const uncount = connections.ofAddress(addressOf(request, config));
        if (uncount === null) refuseUpgrade(socket, "429 Too Many Requests");
        else {
          // Also when the handshake fails.
          socket.once("close", uncount);
          sockets.handleUpgrade(request, socket, head, (opened) => {
            accept(opened, request, uncount);
          });
        }
      }
    },
    get size() {
      return open.size;
    },
    close: async (patienceMs) => {
      closing = true;
      clearInterval(pinging);
      const deadline = Date.now() + patienceMs;
      while (Date.now() < deadline && [...open].some((state) => state.executing > 0)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      for (const { socket, outbox } of open) {
        outbox.flush();
        closeSoon(socket, CloseCode.SERVICE_RESTART, "Service restart");
      }
      sockets.close();
    },
  };
}

/** Answers a request for a socket that is not opened. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** While much that was asked for waits to be read, no more is asked for. */
function listenAgainWhenRead(socket: WebSocket, limit: number): void {
  const wire = wireOf(socket);
  if (wire === null || socket.isPaused || wire.writableLength <= limit) return;
  socket.pause();
  wire.once("drain", () => {
    socket.resume();
  });
}

/** Closes with a code; a receiver that does not read cannot answer, so it is cut off after a while. */
function closeSoon(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  setTimeout(() => {
    socket.terminate();
  }, CLOSE_PATIENCE_MS).unref();
}

/**
 * The network socket below a WebSocket. ws 8 keeps it in a private field; its version is pinned, and
 * all that goes around ws is whole frames between its own.
 */
function wireOf(socket: WebSocket): Wire | null {
  if (socket.readyState !== socket.OPEN) return null;
  return (socket as unknown as { _socket: Wire | null })._socket;
}
