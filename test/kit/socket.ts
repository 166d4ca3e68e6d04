import { createClient, type Client } from "graphql-ws";
import { WebSocket } from "ws";
import { EVENTS, type ChatEvent } from "./documents.ts";
import { Stream, type Ended, type GraphQLProblem } from "./inbox.ts";
import { onRelease } from "./resources.ts";

export type Variables = Record<string, unknown>;

/** Anything that listens on a URL: a TestServer, or a URL. */
export type Endpoint = { readonly url: string } | string;

export interface SocketOptions {
  /** Sent in `connectionParams`. */
  token?: string;
  /** Replaces the whole `connectionParams`. */
  connectionParams?: Record<string, unknown>;
  /** Headers of the handshake, such as `cookie` and `origin`. */
  headers?: Record<string, string>;
}

export interface SubscribeOptions extends SocketOptions {
  /** The subscription; `EVENTS` by default. */
  query?: string;
  variables?: Variables;
}

/** The result of one operation. */
export interface SocketAnswer<T> {
  data?: T | null;
  errors?: readonly GraphQLProblem[];
}

/** Returns the WebSocket URL of a server's GraphQL endpoint. */
export function socketUrl(endpoint: Endpoint): string {
  const url = new URL("/graphql", typeof endpoint === "string" ? endpoint : endpoint.url);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** A WebSocket of the official graphql-ws client, without reconnects. */
export class Socket {
  /** Resolves when the connection is acknowledged; rejects if it closes before. */
  readonly acknowledged: Promise<void>;
  /** Resolves when the connection has closed, with code and reason. */
  readonly closed: Promise<Ended>;
  readonly #client: Client;
  #raw: WebSocket | undefined;

  constructor(endpoint: Endpoint, options: SocketOptions = {}) {
    const opened = (raw: WebSocket): void => {
      this.#raw = raw;
    };
    class RecordedSocket extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols, { headers: options.headers });
        opened(this);
      }
    }
    let acknowledge: () => void = () => undefined;
    let refuse: (ended: Ended) => void = () => undefined;
    let close: (ended: Ended) => void = () => undefined;
    this.acknowledged = new Promise((resolve, reject) => {
      acknowledge = resolve;
      refuse = (ended) => reject(new ClosedError(ended));
    });
    // Callers that do not await the acknowledgement learn of the end from `closed`.
    this.acknowledged.catch(() => undefined);
    this.closed = new Promise((resolve) => {
      close = resolve;
    });
    const params = options.token === undefined ? {} : { token: options.token };
    this.#client = createClient({
      url: socketUrl(endpoint),
      webSocketImpl: RecordedSocket,
      connectionParams: options.connectionParams ?? params,
      retryAttempts: 0,
      lazy: false,
      onNonLazyError: () => undefined,
      on: {
        connected: () => acknowledge(),
        closed: (event) => {
          const ended = endedBy(event);
          refuse(ended);
          close(ended);
        },
      },
    });
  }

  /** Starts a subscription. */
  subscribe<T>(query: string, variables: Variables = {}): Stream<T> {
    const stream = new Stream<T>("subscription");
    this.run(stream, query, variables);
    return stream;
  }

  /** Like `subscribe`, into an existing stream. */
  run<T>(stream: Stream<T>, query: string, variables: Variables): void {
    stream.complete = this.#client.subscribe<Record<string, T>>(
      { query, variables },
      {
        next: ({ data, errors }) => {
          for (const item of Object.values(data ?? {})) stream.push(item);
          if (errors) stream.end({ errors: errors.map(problem) });
        },
        error: (reason) =>
          stream.end(Array.isArray(reason) ? { errors: reason.map(problem) } : endedBy(reason)),
        complete: () => stream.end({}),
      },
    );
  }

  /** Runs a query or a mutation over the socket. */
  async execute<T>(query: string, variables: Variables = {}): Promise<SocketAnswer<T>> {
    for await (const { data, errors } of this.#client.iterate<T>({ query, variables })) {
      return { data: data ?? null, ...(errors ? { errors: errors.map(problem) } : {}) };
    }
    throw new Error("the operation completed without an answer");
  }

  /** Stops reading, so that the server's buffer for this connection fills up. */
  pause(): void {
    this.#raw?.pause();
  }

  resume(): void {
    this.#raw?.resume();
  }

  async close(): Promise<Ended> {
    await this.#client.dispose();
    return this.closed;
  }

  async cut(): Promise<Ended> {
    this.#raw?.terminate();
    return this.closed;
  }
}

/** A connection that closed before it was acknowledged. */
export class ClosedError extends Error {
  readonly code: number | undefined;

  constructor({ code, reason }: Ended) {
    super(`the connection was closed: ${code ?? "no code"} ${reason ?? ""}`);
    this.name = "ClosedError";
    this.code = code;
  }
}

/**
 * Opens a WebSocket and waits for its acknowledgement.
 *
 * @throws ClosedError with the close code if the server rejects it
 */
export async function connect(endpoint: Endpoint, options: SocketOptions = {}): Promise<Socket> {
  const socket = new Socket(endpoint, options);
  onRelease(async () => {
    await socket.cut();
  });
  await socket.acknowledged;
  return socket;
}

/**
 * Opens a separate WebSocket for one subscription; `query` is `EVENTS` by default.
 *
 * @throws ClosedError with the close code if the server rejects the connection
 */
export async function subscribe<T = ChatEvent>(
  endpoint: Endpoint,
  { query = EVENTS, variables = {}, ...options }: SubscribeOptions = {},
): Promise<Subscription<T>> {
  const subscription = new Subscription<T>(await connect(endpoint, options));
  subscription.socket.run(subscription, query, variables);
  return subscription;
}

/** A stream with a separate connection. */
export class Subscription<T> extends Stream<T> {
  readonly socket: Socket;

  constructor(socket: Socket) {
    super("subscription");
    this.socket = socket;
  }

  /** Completes the subscription and closes the connection gracefully. */
  close(): Promise<Ended> {
    return this.socket.close();
  }

  /** Destroys the TCP connection, like a lost network. */
  cut(): Promise<Ended> {
    return this.socket.cut();
  }
}

function endedBy(event: unknown): Ended {
  if (typeof event !== "object" || event === null) return { reason: String(event) };
  const { code, reason, message } = event as {
    code?: unknown;
    reason?: unknown;
    message?: unknown;
  };
  const text = [reason, message].find((part) => typeof part === "string" && part !== "");
  return {
    ...(typeof code === "number" ? { code } : {}),
    ...(typeof text === "string" ? { reason: text } : {}),
  };
}

function problem({ message, path, extensions }: GraphQLProblem): GraphQLProblem {
  return { message, ...(path ? { path } : {}), ...(extensions ? { extensions } : {}) };
}
