import { EVENTS, SEND_MESSAGE, type ChatEvent, type SendMessageResult } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { Stream, type GraphQLProblem } from "../kit/inbox.ts";
import { onRelease } from "../kit/resources.ts";
import { Socket } from "../kit/socket.ts";
import type { Endpoint } from "../kit/socket.ts";
import type { ReceivedEvent } from "./positions.ts";

const RECONNECT_LIMIT_MS = 30_000;

export interface ResumingClientOptions {
  name: string;
  token: string;
  /** Returns the instances, tried in turn from `first` on. May change while the client runs. */
  endpoints: () => readonly Endpoint[];
  first?: number;
  /** Cursor at which to start; the current one by default. */
  after?: string;
  /** The subscription; `EVENTS` by default. */
  query?: string;
}

/** Stores each event at its arrival, before anything else can happen. */
class Recorder<Event> extends Stream<Event> {
  readonly #keep: (event: Event) => void;

  constructor(keep: (event: Event) => void) {
    super("resuming client");
    this.#keep = keep;
  }

  override push(event: Event): void {
    this.#keep(event);
    super.push(event);
  }
}

/**
 * A client that follows docs/PROTOCOL.md without the SDK: when its connection ends, it connects to the
 * next instance and resumes after its last cursor.
 */
export class ResumingClient<Event extends ReceivedEvent = ChatEvent> {
  readonly name: string;
  /** All received events, over all connections. */
  readonly received: Event[] = [];
  /** Errors of streams; empty in a good run. */
  readonly problems: GraphQLProblem[] = [];
  /** Number of connections that it has opened. */
  connections = 0;
  readonly #options: ResumingClientOptions;
  #turn: number;
  #cursor: string | undefined;
  #socket: Socket | undefined;
  #stopped = false;
  #running: Promise<void> | undefined;

  constructor(options: ResumingClientOptions) {
    this.name = options.name;
    this.#options = options;
    this.#turn = options.first ?? 0;
    this.#cursor = options.after;
    onRelease(() => this.stop());
  }

  /** Connects; resolves at the first `Ready`. */
  async start(): Promise<void> {
    this.#running = this.#follow();
    // Waiters for events learn of a failure first; `stop` reports it in any case.
    this.#running.catch(() => undefined);
    await eventually(() => this.received.length > 0, { what: `the first event of ${this.name}` });
  }

  /** Cuts the connection; the client reconnects. */
  cut(): void {
    void this.#socket?.cut();
  }

  /** Sends a message through the same socket. @throws if it ends without a response */
  async send(input: Record<string, unknown>): Promise<SendMessageResult> {
    const socket = this.#socket;
    if (!socket) throw new Error(`${this.name} is not connected`);
    const { data, errors } = await socket.execute<{ sendMessage: SendMessageResult }>(
      SEND_MESSAGE,
      { input },
    );
    if (!data) throw new Error(JSON.stringify(errors));
    return data.sendMessage;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.cut();
    await this.#running;
  }

  get #isStopped(): boolean {
    return this.#stopped;
  }

  async #follow(): Promise<void> {
    while (!this.#isStopped) {
      const socket = await this.#connect();
      if (!socket) return;
      // `stop` was called while connecting, when there was no connection to cut yet.
      if (this.#isStopped) {
        await socket.cut();
        return;
      }
      const stream = new Recorder<Event>((event) => {
        this.received.push(event);
        this.#cursor = event.cursor;
      });
      this.#socket = socket;
      this.connections += 1;
      const { query = EVENTS } = this.#options;
      socket.run(stream, query, this.#cursor === undefined ? {} : { after: this.#cursor });
      const { errors } = await stream.ended;
      this.#socket = undefined;
      await socket.cut();
      if (errors) this.problems.push(...errors);
    }
  }

  #connect(): Promise<Socket | undefined> {
    return eventually(
      async () => {
        if (this.#isStopped) return undefined;
        const endpoints = this.#options.endpoints();
        const endpoint = endpoints[this.#turn % endpoints.length];
        this.#turn += 1;
        if (endpoint === undefined) throw new Error("no instance to connect to");
        const socket = new Socket(endpoint, { token: this.#options.token });
        await socket.acknowledged;
        return socket;
      },
      { timeoutMs: RECONNECT_LIMIT_MS, what: `a connection of ${this.name}` },
    );
  }
}
