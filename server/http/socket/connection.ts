import { CloseCode as ProtocolCode, MessageType, parseMessage } from "graphql-ws";
import type { SubscribePayload } from "graphql-ws";
import type { ExecutionResult, GraphQLFormattedError } from "graphql";
import { WebSocket } from "ws";
import type { LiveSessions, SessionHolder, Viewer } from "../../kernel/viewer.ts";
import type { Caller } from "../../graphql/context.ts";
import type { Logger } from "../../kernel/logger.ts";
import { Outbox, type Peer, type Wire } from "../../delivery/outbox.ts";
import { isTransient } from "../../log/transient-error.ts";
import { CloseCode } from "../close-codes.ts";
import type { OpenConnections } from "../open-connections.ts";
import { Operations, type Operation } from "./operation.ts";
import { closeSoon, wireOf } from "./socket-life.ts";

/** Maximum length of a response that waits for the events of its turn, in characters. */
const SMALL_RESPONSE = 16_384;

/** Maximum length of an operation id, which each of its frames contains. */
const ID_MAX_LENGTH = 512;
/** Maximum bytes of a close reason, RFC 6455 section 5.5.1. */
const REASON_MAX_BYTES = 123;

/** Frozen, because all sockets share it. */
const NO_LISTENERS = Object.freeze(Object.create(null) as object);
const NO_EXTENSIONS = Object.freeze({});

/** An internal part of ws; its version is pinned. */
interface ReadingSocket {
  /** Received and unread bytes; null until the handshake is done. */
  _receiver: { _buffers: Buffer[] } | null;
}

/**
 * A WebSocket that passes every event to its connection. Listeners would take a large part of the memory
 * of an idle socket.
 */
export class ConnectionSocket extends WebSocket {
  connection: Connection | null = null;
  /** Node and ws allocate these for each socket; none is used here. */
  protected readonly _events: object = NO_LISTENERS;
  protected readonly _extensions: object = NO_EXTENSIONS;

  /** Frees the read buffers, because most sockets receive little. */
  releaseReadBuffers(): void {
    const unread = (this as unknown as ReadingSocket)._receiver?._buffers;
    // Setting the length of an empty array releases its memory.
    if (unread?.length === 0) unread.length = 0;
  }

  override emit(event: string | symbol, value?: unknown, ...more: unknown[]): boolean {
    if (this.connection === null) return super.emit(event, value, ...more);
    this.connection.onSocketEvent(event, value);
    return true;
  }
}

/** Parts shared by all connections. */
export interface ConnectionParts {
  readonly liveSessions: LiveSessions;
  readonly connections: OpenConnections;
  readonly logger: Logger;
  /** Maximum time for a client to authenticate, in milliseconds; 0 for no limit. */
  readonly initMs: number;
  /** Maximum unsent bytes for a slow receiver. */
  readonly bufferBytes: number;
  /** Starts an operation; the connection sends its results. */
  start(connection: Connection, id: string, payload: SubscribePayload): void;
  /** Returns the part of errors that a client may see. */
  formatErrors(errors: readonly unknown[]): readonly GraphQLFormattedError[];
  /** Called for each socket that is closed because its client reads too slowly. */
  overflowed(): void;
  /** Called for each connection whose socket has closed. */
  gone(connection: Connection): void;
}

/** The client, as known from the handshake. */
export interface ClientInfo {
  readonly address: string;
  readonly device: string;
  /** Returns the token in the browser's cookie. */
  readonly cookie: string | null;
}

/**
 * The WebSocket of one client and the server side of graphql-transport-ws on it
 * (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md). graphql-ws keeps a dozen closures and
 * promises for each socket and a suspended function with the whole request for each subscription, three times
 * the memory used here. Parley uses only its message parser and, in tests, its client.
 */
export class Connection implements Caller, Peer, SessionHolder {
  readonly outbox: Outbox;
  readonly operations = new Operations();
  viewer: Viewer | null = null;
  readonly address: string;
  readonly device: string;
  /** Sequence number of the connection, from the start of the server. */
  readonly number: number;
  /** Running queries and mutations, including those that the client has cancelled. */
  executing = 0;
  readonly #parts: ConnectionParts;
  readonly #socket: ConnectionSocket;
  #cookie: string | null;
  /** Whether the client responded since the last ping. */
  #isAlive = true;
  #wasInitialised = false;
  #isAcknowledged = false;
  #late: NodeJS.Timeout | null = null;

  constructor(
    parts: ConnectionParts,
    socket: ConnectionSocket,
    visitor: ClientInfo,
    number: number,
  ) {
    this.#parts = parts;
    this.#socket = socket;
    this.outbox = new Outbox(this, parts.bufferBytes);
    this.address = visitor.address;
    this.device = visitor.device;
    this.#cookie = visitor.cookie;
    this.number = number;
    socket.connection = this;
    if (parts.initMs > 0)
      this.#late = setTimeout(() => {
        this.close(
          ProtocolCode.ConnectionInitialisationTimeout,
          "Connection initialisation timeout",
        );
      }, parts.initMs);
  }

  wire(): Wire | null {
    return wireOf(this.#socket);
  }

  overflow(): void {
    this.#parts.overflowed();
    this.closeSoon(CloseCode.TOO_SLOW, "Too slow; resume from your last cursor");
  }

  sessionEnded(): void {
    this.closeSoon(CloseCode.SESSION_ENDED, "Session ended");
  }

  /** Unsent bytes, also while the socket is closing, because they stay in memory until it has closed. */
  get unread(): number {
    return Math.max(this.#socket.bufferedAmount, this.outbox.unread);
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Sends a ping, or ends the socket if the client did not respond to the last one. */
  ping(): void {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    // Also applies to a closing socket, which may never finish closing.
    this.#isAlive = false;
    if (!this.isOpen) return;
    this.outbox.send();
    this.#socket.ping();
  }

  /** Handles an event of the socket. */
  onSocketEvent(event: string | symbol, value: unknown): void {
    if (event === "message") this.#receive(String(value));
    else if (event === "pong") {
      this.#isAlive = true;
      this.#socket.releaseReadBuffers();
    } else if (event === "ping") {
      if (this.outbox.reserveLargeWrite(0)) this.#socket.pong(value);
    } else if (event === "error") this.#parts.logger.debug({ err: value }, "A socket failed");
    else if (event === "close") this.#free();
  }

  /** Handles a message. Ignores all messages after the close. */
  #receive(text: string): void {
    if (!this.isOpen) return;
    let message: ReturnType<typeof parseMessage>;
    try {
      message = parseMessage(text);
    } catch {
      this.close(ProtocolCode.BadRequest, "Invalid message received");
      return;
    }
    try {
      switch (message.type) {
        case MessageType.ConnectionInit:
          this.#initialise(message.payload?.["token"]);
          break;
        case MessageType.Subscribe:
          this.#subscribe(message.id, message.payload);
          break;
        case MessageType.Complete:
          this.#complete(message.id);
          break;
        case MessageType.Ping: {
          const { payload } = message;
          this.send({ type: MessageType.Pong, ...(payload && { payload }) });
          break;
        }
        case MessageType.Pong:
          break;
        default:
          // A valid message in the wrong direction is a client error.
          this.close(ProtocolCode.BadRequest, "Invalid message received");
      }
    } catch (error) {
      this.breakOff(error);
    }
  }

  #initialise(token: unknown): void {
    if (this.#wasInitialised) {
      this.close(ProtocolCode.TooManyInitialisationRequests, "Too many initialisation requests");
      return;
    }
    this.#wasInitialised = true;
    this.#stopWaiting();
    // A missing or empty token means anonymous. Any other value that is not a string cannot be a token.
    const given = token ?? "";
    if (typeof given !== "string") {
      this.close(CloseCode.UNAUTHORIZED, "Unauthorized");
      return;
    }
    this.#authenticate(given === "" ? null : given).catch((error: unknown) => {
      this.breakOff(error);
    });
  }

  async #authenticate(given: string | null): Promise<void> {
    const { liveSessions, connections } = this.#parts;
    const token = given ?? this.#cookie;
    this.#cookie = null;
    const viewer = token === null ? null : await liveSessions.authenticate(token);
    // The client may have disconnected during the token look-up; nothing would then release the session.
    if (!this.isOpen) return;
    if (viewer === null && given !== null) {
      this.close(CloseCode.UNAUTHORIZED, "Unauthorized");
      return;
    }
    if (viewer !== null) {
      if (!connections.accounts.add(viewer.user.id)) {
        this.close(CloseCode.TOO_MANY, "Too many connections");
        return;
      }
      this.viewer = viewer;
      liveSessions.hold(this);
      // The session may have ended meanwhile.
      if (!this.isOpen) return;
    }
    this.#isAcknowledged = true;
    this.send({ type: MessageType.ConnectionAck });
  }

  #subscribe(id: string, payload: SubscribePayload): void {
    if (!this.#isAcknowledged) this.close(ProtocolCode.Unauthorized, "Unauthorized");
    else if (id.length > ID_MAX_LENGTH)
      this.close(ProtocolCode.BadRequest, "The operation id is too long");
    else if (this.operations.find(id) !== null)
      this.close(ProtocolCode.SubscriberAlreadyExists, alreadyExists(id));
    else {
      this.#parts.start(this, id, payload);
      this.#socket.releaseReadBuffers();
    }
  }

  #complete(id: string): void {
    const operation = this.operations.find(id);
    if (operation === null) return;
    this.operations.remove(operation);
    operation.cancel();
  }

  send(message: object): void {
    const text = JSON.stringify(message);
    // Most responses are small and leave in one write with the events of the same turn. A large response
    // was requested, so it may exceed the limit on unsent bytes, but only one at a time.
    if (text.length <= SMALL_RESPONSE) this.outbox.addResponse(text);
    else if (this.outbox.reserveLargeWrite(Buffer.byteLength(text))) this.#socket.send(text);
  }

  /** Sends one result of an operation, unless the client has cancelled it. */
  next(operation: Operation, payload: ExecutionResult): void {
    if (this.operations.has(operation))
      this.send({ id: operation.id, type: MessageType.Next, payload });
  }

  /** Completes an operation, unless the client already did. */
  finish(operation: Operation): void {
    operation.cancel();
    if (this.operations.remove(operation))
      this.send({ id: operation.id, type: MessageType.Complete });
  }

  fail(operation: Operation, errors: readonly unknown[]): void {
    operation.cancel();
    if (this.operations.remove(operation)) this.refuse(operation.id, errors);
  }

  refuse(id: string, errors: readonly unknown[]): void {
    this.send({ id, type: MessageType.Error, payload: this.#parts.formatErrors(errors) });
  }

  /** Closes the connection after a failure outside any operation. */
  breakOff(error: unknown): void {
    // A database outage is logged separately, and once.
    const level = isTransient(error) ? "debug" : "error";
    this.#parts.logger[level]({ err: error }, "A message over a socket could not be handled");
    this.close(1011, "Internal error");
  }

  close(code: number, reason: string): void {
    this.outbox.flush();
    this.#socket.close(code, reason);
  }

  /** Closes the socket, even if the client does not respond. */
  closeSoon(code: number, reason: string): void {
    this.outbox.flush();
    closeSoon(this.#socket, code, reason);
  }

  /** Releases everything that the connection holds, after the socket has closed. */
  #free(): void {
    this.#parts.gone(this);
    this.#stopWaiting();
    this.operations.cancelAll();
    this.#parts.liveSessions.release(this);
    this.#parts.connections.addresses.remove(this.address);
    // Only authenticated connections were counted.
    if (this.viewer !== null) this.#parts.connections.accounts.remove(this.viewer.user.id);
  }

  #stopWaiting(): void {
    if (this.#late !== null) clearTimeout(this.#late);
    this.#late = null;
  }
}

/** Builds the message in the protocol's words, if it fits into a close reason. */
function alreadyExists(id: string): string {
  const reason = `Subscriber for ${id} already exists`;
  return Buffer.byteLength(reason) <= REASON_MAX_BYTES ? reason : "Subscriber already exists";
}
