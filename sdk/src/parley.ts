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
  /** URL of the server's GraphQL endpoint, such as `https://chat.example.org/graphql`. */
  url: string;
  /** The token of an earlier session. `signUp` and `logIn` set it too. */
  token?: string | undefined;
  /** Replaces the platform's `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
  /**
   * Replaces the platform's WebSocket class. Default on Node before 22: the class of the package
   * `ws`.
   */
  webSocketImpl?: WebSocketConstructor | undefined;
  /** Headers of every HTTP request. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Whether requests include cookies; see `fetch`. */
  credentials?: "include" | "omit" | "same-origin" | undefined;
  /** Timeout of one request, in milliseconds. Default: 15,000. */
  timeoutMs?: number | undefined;
  /** Timeouts of the realtime connection. */
  socketTimes?: Partial<SocketTimes> | undefined;
}

export interface EventsOptions {
  /**
   * Cursor after which the stream starts: from a payload, a viewer or an earlier stream. Default:
   * now.
   */
  after?: string | undefined;
  /**
   * Yields only events of these conversations. Default: every conversation that the viewer may see.
   */
  conversationIds?: string[] | undefined;
  /** Yields only events of these types. Default: all types. */
  types?: EventType[] | undefined;
  /** Ends the stream. */
  signal?: AbortSignal | undefined;
  /** Called when the stream's connection changes its state. */
  onStatus?: ((status: ConnectionStatus) => void) | undefined;
  /**
   * Maximum number of events that wait for the consumer. When it is reached, the stream pauses.
   * Default: 1000.
   */
  bufferSize?: number | undefined;
  /** Acknowledges received messages to the server, at most once a second. Default: false. */
  acknowledge?: boolean | undefined;
}

/** A client of one Parley server. */
export interface Parley extends AccountApi, ConversationApi, MessageApi {
  /**
   * The token of the current session; undefined without one. Assigning a token switches the
   * session.
   */
  token: string | undefined;
  /**
   * Runs any typed query or mutation and returns its data. Typed errors in unions are returned as
   * data.
   */
  readonly execute: Execute;
  /** The shared realtime connection, for streams with custom documents. */
  readonly connection: Connection;
  /**
   * Streams every durable event that the viewer may see, each once and in order. The stream resumes
   * after a lost connection. Iterate it with `for await`, or call its `return()`.
   */
  events(options?: EventsOptions): EventStream<ParleyEvent>;
  /**
   * Follows the viewer's read marks on all their devices, across reconnects.
   *
   * @param onMark receives the marks of all conversations at each (re)connect, then each change
   * @param onFailed called when retrying is pointless, such as after the session ends
   * @returns a function that ends the stream
   */
  ownMarks(onMark: (mark: OwnMark) => void, onFailed?: (error: ParleyError) => void): () => void;
  /** Ends all streams. They reject with a `ClosedError`. */
  close(): void;
}

/** Creates a client. It opens no connection until its first request or stream. */
export function createParley(options: ParleyOptions): Parley {
  let token = options.token;
  const execute = makeExecute({
    url: options.url,
    token: () => token,
    // Called without a receiver, because a browser's `fetch` throws with a foreign `this`.
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
