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
import { OverloadedError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import { Outbox } from "../log/delivery/outbox.ts";
import { isTransient } from "../log/transient.ts";
import { makeTurns } from "../log/turns.ts";
import { RETRY_AFTER_MS, type Admission } from "./admission.ts";
import { CloseCode } from "./close-codes.ts";
import { addressOf, cookieOf, isAllowedOrigin } from "./requests.ts";
import type { EventStreams } from "./event-streams.ts";
import type { OpenConnections } from "./open-connections.ts";
import { closeSoon, partOf, startPinging, wireOf } from "./socket-life.ts";
import type { SocketState } from "./socket-state.ts";

const MAX_MESSAGE_BYTES = 262_144;
const DEVICE_MAX_LENGTH = 200;
/**
 * Sockets that are let in in one turn of the event loop, some milliseconds of work: when all come back at
 * once, those that are there go on.
 */
const ARRIVALS_OF_A_TURN = 8;
/** Longest answer, in characters, that waits for the events of the same turn. */
const SMALL_ANSWER = 16_384;

/** Arguments of an execution with what our own hooks need. */
interface OperationArgs extends ExecutionArgs {
  contextValue: Context;
  state: SocketState;
  needsSnapshot: boolean;
  /** For a stream of the log or of signals: opens it. */
  openStream: (() => AsyncGenerator<never, void, void>) | null;
  /** For a query or a mutation: to be called when it is over. */
  leave: (() => void) | null;
}

export interface SocketServer {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Sockets that are open. */
  readonly size: number;
  /** Sockets that were closed because nobody read from them, since the start. */
  readonly slow: number;
  /** Bytes that wait in this process for their readers: of all sockets, and of the one with most. */
  waiting(): { total: number; largest: number };
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
  admission: Admission;
}

interface InitPayload extends Record<string, unknown> {
  token?: unknown;
}

export function makeSocketServer(options: SocketServerOptions): SocketServer {
  const { config, executor, sessions, streams, connections, rates, logger, admission } = options;
  const open = new Set<SocketState>();
  let slow = 0;
  let accepted = 0;
  let closing = false;
  const arrivals = makeTurns(ARRIVALS_OF_A_TURN);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    // Its own pongs would pile up for a client that pings and does not read.
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
    // Not pushed: an array that grows makes room for sixteen more.
    state.releaseCounts = [...state.releaseCounts, counted];
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
    subscribe: (args: ExecutionArgs) => {
      const { openStream } = args as OperationArgs;
      // The arguments stay for as long as the stream is open; what opened it does not have to.
      (args as OperationArgs).openStream = null;
      return openStream?.() ?? subscribe(args);
    },
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
    let leave: OperationArgs["leave"] = null;
    if (operation !== null && operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      leave = admission.enter();
      if (leave === null) {
        const refusal = new OverloadedError(RETRY_AFTER_MS);
        return [maskError(refusal, contextValue.requestId, logger)];
      }
      state.executing += 1;
    }
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
      leave,
    };
  };

  const run = async (args: OperationArgs): Promise<ExecutionResult> => {
    try {
      return executor.mask(await executor.execute(args, args.needsSnapshot), args.contextValue);
    } finally {
      args.state.executing -= 1;
      args.leave?.();
    }
  };

  const accept = (socket: WebSocket, request: IncomingMessage, uncount: () => void): void => {
    const overflow = (): void => {
      slow += 1;
      closeSoon(socket, CloseCode.TOO_SLOW, "Too slow; resume from your last cursor");
    };
    const state: SocketState = {
      socket,
      id: String(accepted),
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
      part: partOf(accepted),
    };
    accepted += 1;
    open.add(state);
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: (data) => {
          // Most answers are small and leave in one write with the events of the same turn. A large one
          // is asked for: it may be longer than what may wait unasked, but only one such is.
          if (data.length <= SMALL_ANSWER) state.outbox.addAnswer(data);
          else if (state.outbox.letPast(Buffer.byteLength(data))) socket.send(data);
        },
        close: (code, reason) => {
          state.outbox.flush();
          socket.close(code, reason);
        },
        onMessage: (receive) => {
          socket.on("message", (data) => {
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
    socket.on("pong", () => {
      state.alive = true;
    });
    socket.on("ping", (data) => {
      if (state.outbox.letPast(0)) socket.pong(data);
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

  const pinging = startPinging(open);

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
          // Until it is let in, nobody else listens; a connection that fails is closed.
          socket.on("error", ignore);
          void arrivals.take(1).then(() => {
            if (closing) refuseUpgrade(socket, "503 Service Unavailable");
            else
              sockets.handleUpgrade(request, socket, head, (opened) => {
                socket.off("error", ignore);
                accept(opened, request, uncount);
              });
          });
        }
      }
    },
    get size() {
      return open.size;
    },
    get slow() {
      return slow;
    },
    waiting: () => {
      let [total, largest] = [0, 0];
      for (const { socket, outbox } of open) {
        // Also of those that are being closed: what waits for them is held until they are gone.
        const bytes = Math.max(socket.bufferedAmount, outbox.unread);
        total += bytes;
        largest = Math.max(largest, bytes);
      }
      return { total, largest };
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

/** Made here, so that no socket keeps its request for it. */
const ignore = (): void => undefined;

/** Answers a request for a socket that is not opened. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
