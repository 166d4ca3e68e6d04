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

/** Longest answer, in characters, that waits for the events of the same turn. */
const SMALL_ANSWER = 16_384;

/** Longest id of an operation, which stands in each of its frames. */
const ID_MAX_LENGTH = 512;
/** Most bytes of a reason for closing, RFC 6455 section 5.5.1. */
const REASON_MAX_BYTES = 123;

/** Frozen, so that one's cannot become everybody's by mistake. */
const NO_LISTENERS = Object.freeze(Object.create(null) as object);
const NO_EXTENSIONS = Object.freeze({});

/** A part of ws's own that is looked into; its version is pinned. */
interface ReadingSocket {
  /** What has come and was not read yet; null until the handshake is done. */
  _receiver: { _buffers: Buffer[] } | null;
}

/**
 * A WebSocket that tells its connection of everything by itself: listeners of its own would be a good part of
 * what an idle one holds.
 */
export class ConnectionSocket extends WebSocket {
  connection: Connection | null = null;
  /** What Node and ws have for each, and none here uses. */
  protected readonly _events: object = NO_LISTENERS;
  protected readonly _extensions: object = NO_EXTENSIONS;

  /** Keeps no room for what will come: what has been read is read, and most sockets say little. */
  releaseReadBuffers(): void {
    const unread = (this as unknown as ReadingSocket)._receiver?._buffers;
    // To empty what is empty gives its memory back.
    if (unread?.length === 0) unread.length = 0;
  }

  override emit(event: string | symbol, value?: unknown, ...more: unknown[]): boolean {
    if (this.connection === null) return super.emit(event, value, ...more);
    this.connection.onSocketEvent(event, value);
    return true;
  }
}

/** What all connections have in common. */
export interface ConnectionParts {
  readonly liveSessions: LiveSessions;
  readonly connections: OpenConnections;
  readonly logger: Logger;
  /** How long a client may take to say who it is, in milliseconds; 0 for any time. */
  readonly initMs: number;
  /** Bytes that may wait for a slow receiver. */
  readonly bufferBytes: number;
  /** Begins an operation; answers by the connection. */
  start(connection: Connection, id: string, payload: SubscribePayload): void;
  /** What a client may see of errors. */
  formatErrors(errors: readonly unknown[]): readonly GraphQLFormattedError[];
  /** Told of each that is closed because it reads too slowly. */
  overflowed(): void;
  /** Told of each whose socket is gone. */
  gone(connection: Connection): void;
}

/** Who is at the other end, as far as the handshake says. */
export interface ClientInfo {
  readonly address: string;
  readonly device: string;
  /** The token in the browser's cookie. */
  readonly cookie: string | null;
}

/**
 * One client's WebSocket, and the server's side of graphql-transport-ws on it
 * (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md). graphql-ws keeps a dozen closures and
 * promises for each socket and a suspended function with the whole request for each subscription, three
 * times what is held here; so only its reading of messages is used, and its client to test against.
 */
export class Connection implements Caller, Peer, SessionHolder {
  readonly outbox: Outbox;
  readonly operations = new Operations();
  viewer: Viewer | null = null;
  readonly address: string;
  readonly device: string;
  /** Which one it is since the start. */
  readonly number: number;
  /** Queries and mutations that are being executed, also those whose answer nobody waits for any more. */
  executing = 0;
  readonly #parts: ConnectionParts;
  readonly #socket: ConnectionSocket;
  #cookie: string | null;
  /** Whether it gave a sign of life since it was last asked for one. */
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

  /** Bytes that wait for its reader; also while it is being closed, for they are held until it is gone. */
  get unread(): number {
    return Math.max(this.#socket.bufferedAmount, this.outbox.unread);
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Asks for a sign of life; ends it, where it gave none since the last time. */
  ping(): void {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    // Also one that is being closed: it may never be done.
    this.#isAlive = false;
    if (!this.isOpen) return;
    this.outbox.send();
    this.#socket.ping();
  }

  /** Takes what ws tells of the socket. */
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

  /** Takes a message. Nothing is done for whoever has been told that it is over, whatever still comes. */
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
          // It is of the protocol, but for the other direction: the client's mistake.
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
    // None, or an empty one, is nobody's; what is no text at all is nothing that a token could be.
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
    // The client may have gone while its token was looked up; then nobody would release anything.
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
      // Its session may have ended meanwhile.
      if (!this.isOpen) return;
    }
    this.#isAcknowledged = true;
    this.send({ type: MessageType.ConnectionAck });
  }

  #subscribe(id: string, payload: SubscribePayload): void {
    if (!this.#isAcknowledged) this.close(ProtocolCode.Unauthorized, "Unauthorized");
    else if (id.length > ID_MAX_LENGTH)
      this.close(ProtocolCode.BadRequest, "The id of an operation is too long");
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

  /** Says something. */
  send(message: object): void {
    const text = JSON.stringify(message);
    // Most of it is small and leaves in one write with the events of the same turn. A large answer is
    // asked for: it may be longer than what may wait unasked, but only one such is.
    if (text.length <= SMALL_ANSWER) this.outbox.addAnswer(text);
    else if (this.outbox.reserveLargeWrite(Buffer.byteLength(text))) this.#socket.send(text);
  }

  /** Tells one of the answers to an operation, where it is still waited for. */
  next(operation: Operation, payload: ExecutionResult): void {
    if (this.operations.has(operation))
      this.send({ id: operation.id, type: MessageType.Next, payload });
  }

  /** Says that an operation is over, where that is news to the client. */
  finish(operation: Operation): void {
    operation.cancel();
    if (this.operations.remove(operation))
      this.send({ id: operation.id, type: MessageType.Complete });
  }

  /** Says that an operation cannot go on. */
  fail(operation: Operation, errors: readonly unknown[]): void {
    operation.cancel();
    if (this.operations.remove(operation)) this.refuse(operation.id, errors);
  }

  /** Says that an operation cannot be. */
  refuse(id: string, errors: readonly unknown[]): void {
    this.send({ id, type: MessageType.Error, payload: this.#parts.formatErrors(errors) });
  }

  /** Something went wrong that has nothing to do with one operation. */
  breakOff(error: unknown): void {
    // A database that is away is told of by itself, and once.
    const level = isTransient(error) ? "debug" : "error";
    this.#parts.logger[level]({ err: error }, "A message over a socket could not be handled");
    this.close(1011, "Internal error");
  }

  close(code: number, reason: string): void {
    this.outbox.flush();
    this.#socket.close(code, reason);
  }

  /** Closes it, also where nobody answers. */
  closeSoon(code: number, reason: string): void {
    this.outbox.flush();
    closeSoon(this.#socket, code, reason);
  }

  /** Frees all that it holds: the socket is gone. */
  #free(): void {
    this.#parts.gone(this);
    this.#stopWaiting();
    this.operations.cancelAll();
    this.#parts.liveSessions.release(this);
    this.#parts.connections.addresses.remove(this.address);
    // Whoever is known has been counted.
    if (this.viewer !== null) this.#parts.connections.accounts.remove(this.viewer.user.id);
  }

  #stopWaiting(): void {
    if (this.#late !== null) clearTimeout(this.#late);
    this.#late = null;
  }
}

/** As the protocol words it, where that fits. */
function alreadyExists(id: string): string {
  const reason = `Subscriber for ${id} already exists`;
  return Buffer.byteLength(reason) <= REASON_MAX_BYTES ? reason : "Subscriber already exists";
}
