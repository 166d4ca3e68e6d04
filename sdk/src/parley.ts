import { makeAccountApi, type AccountApi } from "./account-api.ts";
import { type ConversationApi, makeConversationApi } from "./conversation-api.ts";
import { makeDeliveries } from "./deliveries.ts";
import { EventsDocument, type EventType, OwnMarksDocument } from "./generated/graphql.ts";
import { type Execute, makeExecute } from "./http.ts";
import { makeMessageApi, type MessageApi } from "./message-api.ts";
import { type Connection, type ConnectionStatus, makeConnection } from "./realtime/connection.ts";
import { type EventStream, makeEventStream } from "./realtime/event-stream.ts";
import { followMarks } from "./realtime/mark-stream.ts";
import type { ParleyError } from "./errors.ts";
import type { SocketTimes } from "./realtime/socket.ts";
import type { WebSocketConstructor } from "./realtime/websocket.ts";
import type { OwnMark, ParleyEvent } from "./types.ts";

export interface ParleyOptions {
  /** Address of the server's GraphQL endpoint, such as `https://chat.example.org/graphql`. */
  url: string;
  /** The token of an earlier session; `signUp` and `logIn` set it too. */
  token?: string | undefined;
  /** Replaces the platform's `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Replaces the platform's WebSocket class. Node before 22 has none; there, `ws` is looked for. */
  webSocketImpl?: WebSocketConstructor | undefined;
  /** Headers to send with every request over HTTP. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Whether cookies travel with requests; see `fetch`. */
  credentials?: "include" | "omit" | "same-origin" | undefined;
  /** How long one request may take, in milliseconds. Default 15,000. */
  timeoutMs?: number | undefined;
  /** Waits of the realtime connection, in milliseconds. */
  socketTimes?: Partial<SocketTimes> | undefined;
}

export interface EventsOptions {
  /** Where to go on from: a `cursor` of a payload, a viewer, or an earlier stream. Default: now. */
  after?: string | undefined;
  /** Only events of these conversations. Default: all that the viewer may see. */
  conversationIds?: string[] | undefined;
  /** Only events of these types. Default: all. */
  types?: EventType[] | undefined;
  /** Ends the stream. */
  signal?: AbortSignal | undefined;
  /** Called whenever the stream's connection changes its state. */
  onStatus?: ((status: ConnectionStatus) => void) | undefined;
  /** How many events may wait for the consumer before the server is told to stop. Default 1000. */
  bufferSize?: number | undefined;
  /** Tells the server, once a second at most, which messages have arrived here. Default false. */
  acknowledge?: boolean | undefined;
}

/** A client of one Parley server. */
export interface Parley extends AccountApi, ConversationApi, MessageApi {
  /** The token of the present session; undefined without one. Setting it changes the session. */
  token: string | undefined;
  /** Runs any typed query or mutation and answers its data. Typed errors in unions are data here. */
  readonly execute: Execute;
  /** The shared realtime connection, for streams with documents of one's own. */
  readonly connection: Connection;
  /**
   * Everything durable that the viewer may see, each event once and in order, resumed by itself
   * after any loss of connection. Iterate it with `for await`, or call its `return()`.
   */
  events(options?: EventsOptions): EventStream<ParleyEvent>;
  /**
   * Follows the viewer's own marks on all their devices, through any loss of connection: calls
   * `onMark` with those of all conversations at first and at every reconnect, and with each that moves.
   *
   * @param onFailed called when going on is pointless, such as after the end of the session
   * @returns ends it
   */
  ownMarks(onMark: (mark: OwnMark) => void, onFailed?: (error: ParleyError) => void): () => void;
  /** Ends all streams; they reject with a `ClosedError`. */
  close(): void;
}

/** Makes a client. Nothing is sent before it is asked for something. */
export function createParley(options: ParleyOptions): Parley {
  let token = options.token;
  const execute = makeExecute({
    url: options.url,
    token: () => token,
    // Called without a receiver, as browsers' fetch demands.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    timeoutMs: options.timeoutMs ?? 15_000,
    headers: options.headers,
    credentials: options.credentials,
  });
  const connection = makeConnection({
    url: options.url,
    token: () => token,
    webSocketImpl: options.webSocketImpl,
    times: options.socketTimes,
  });

  function setToken(next: string | undefined): void {
    if (next === token) return;
    token = next;
    connection.renew();
  }

  const conversations = makeConversationApi({ execute });
  const deliveries = makeDeliveries((marks) => conversations.markDelivered(marks));
  const acknowledge = (event: ParleyEvent): void => {
    if (event.__typename === "MessageSent")
      deliveries.arrived(event.conversationId, event.message.seq);
  };

  return {
    get token() {
      return token;
    },
    set token(next) {
      setToken(next);
    },
    execute,
    connection,
    ...makeAccountApi({ execute, connection, setToken }),
    ...conversations,
    ...makeMessageApi({ execute }),
    events(wanted = {}) {
      const { after, conversationIds, types, signal, onStatus, bufferSize } = wanted;
      return makeEventStream({
        connection,
        document: EventsDocument,
        variables: { conversationIds, types },
        after,
        signal,
        onStatus,
        bufferSize,
        onArrival: wanted.acknowledge === true ? acknowledge : undefined,
      });
    },
    ownMarks: (onMark, onFailed) =>
      followMarks({
        connection,
        document: OwnMarksDocument,
        onMark,
        onFailed,
      }),
    close() {
      deliveries.stop();
      connection.close();
    },
  };
}
