import { EVENTS, SEND_MESSAGE, type ChatEvent, type SendMessageResult } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { Stream, type GraphQLProblem } from "../kit/inbox.ts";
import { onRelease } from "../kit/resources.ts";
import { Socket } from "../kit/socket.ts";
import type { Endpoint } from "../kit/socket.ts";
import type { Heard } from "./positions.ts";

const RECONNECT_LIMIT_MS = 30_000;

export interface ResumingClientOptions {
  name: string;
  token: string;
  /** The instances, tried in turn from `first` on. May change while the client runs. */
  endpoints: () => readonly Endpoint[];
  first?: number;
  /** Where to begin; now unless given. */
  after?: string;
  /** The subscription; `EVENTS` unless given. */
  query?: string;
}

/** Keeps each event at the moment of its arrival, before anything else can happen. */
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
 * A client that does what docs/PROTOCOL.md asks of one, in the raw protocol: whenever its connection
 * ends, it connects to the next instance and goes on after the last cursor that it has seen.
 */
export class ResumingClient<Event extends Heard = ChatEvent> {
  readonly name: string;
  /** Everything that arrived, over all connections. */
  readonly received: Event[] = [];
  /** Errors that a stream was answered with; a good run has none. */
  readonly problems: GraphQLProblem[] = [];
  /** How many connections it has had. */
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
    // Whoever waits for events learns of it first; `stop` tells of it in any case.
    this.#running.catch(() => undefined);
    await eventually(() => this.received.length > 0, { what: `the first event of ${this.name}` });
  }

  /** Loses the network for a moment. */
  cut(): void {
    void this.#socket?.cut();
  }

  /** Asks the server to send a message through the same socket. @throws when it ends unanswered */
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
      // Stopped while connecting, when there was nothing to cut yet.
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
