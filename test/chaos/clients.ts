import { setTimeout as delay } from "node:timers/promises";
import {
  createParley,
  ParleyError,
  SessionEndedError,
  UnauthenticatedError,
} from "../../sdk/src/index.ts";
import { client as testClient } from "../kit/client.ts";
import { SEND_MESSAGE, type SendMessageResult } from "../kit/documents.ts";
import { Stream, type Ended } from "../kit/inbox.ts";
import { Socket, type Endpoint } from "../kit/socket.ts";
import { subscribeSse } from "../kit/sse.ts";
import type { ClientRecorder } from "./client-recorder.ts";
import type { Random } from "./random.ts";
import { Refusal, refusalOf, sent, sentBySdk, type SentMessage } from "./requests.ts";
import { OBSERVED_EVENTS, type WireEvent } from "./wire.ts";

/** The text and client id of a message to send. */
export interface OutgoingMessage {
  conversationId: string;
  body: string;
  clientId: string;
}

/** A client that receives events through all faults until it is stopped, and can send. */
export interface Listener {
  readonly recorder: ClientRecorder;
  /** Resolves when it receives nothing more: it was stopped, or its session has ended. */
  readonly ended: Promise<void>;
  start(after: string): void;
  stop(): Promise<void>;
  /** Cuts the connection; the client reconnects. */
  cut(): void;
  /** Stops reading from the connection, if possible, and continues later. */
  pause(): void;
  resume(): void;
  /** Attempts one send. @throws Refusal */
  say(message: OutgoingMessage): Promise<SentMessage>;
}

export interface ListenerOptions {
  recorder: ClientRecorder;
  token: string;
  random: Random;
}

/** An instance with its name. */
export interface Named {
  readonly name: string;
  readonly url: string;
}

/** Retry delay of a protocol client, in milliseconds. */
const RETRY_MS = { least: 20, spread: 60 };
const SESSION_ENDED = new Set([4401, 4403]);

/** Creates a client on the SDK, which knows one URL and reconnects automatically. */
export function listenBySdk({ recorder, token }: ListenerOptions, endpoint: Endpoint): Listener {
  const url = typeof endpoint === "string" ? endpoint : endpoint.url;
  const parley = createParley({ url: `${url}/graphql`, token });
  let running: Promise<void> = Promise.resolve();
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const follow = async (after: string): Promise<void> => {
    recorder.cursor = after;
    const stream = parley.events({
      after,
      onStatus: ({ state, reason }) => {
        if (state === "live") recorder.opens("balancer");
        else recorder.closes(reason ?? state);
      },
    });
    try {
      for await (const event of stream) recorder.receives(event);
    } catch (error) {
      const isOver = error instanceof ParleyError && error.code === "CLOSED";
      const noSession = error instanceof SessionEndedError || error instanceof UnauthenticatedError;
      if (!isOver && !noSession) throw error;
    } finally {
      recorder.leaves();
      end();
    }
  };
  return {
    recorder,
    ended,
    start: (after) => {
      running = follow(after);
      running.catch(() => undefined);
    },
    stop: async () => {
      parley.close();
      await running;
    },
    cut: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    say: async ({ conversationId, body, clientId }) => {
      try {
        const message = await parley.sendMessage({ conversationId, clientId }, body);
        return sentBySdk(message);
      } catch (error) {
        if (!(error instanceof ParleyError)) throw error;
        throw new Refusal(error.code, error.retryable, error.message);
      }
    },
  };
}

/** One connection of a protocol client. */
interface Connected {
  /** Resolves when the connection or the stream has ended. */
  readonly done: Promise<Ended>;
  cut(): void;
  pause?(): void;
  resume?(): void;
  say?(message: OutgoingMessage): Promise<SentMessage>;
}

type Connect = (
  instance: Named,
  after: string | undefined,
  onEvent: (event: WireEvent) => void,
) => Promise<Connected>;

/**
 * A client that follows docs/PROTOCOL.md: when its connection ends, it connects to the next instance and
 * resumes after its last cursor.
 */
class BareListener implements Listener {
  readonly recorder: ClientRecorder;
  readonly ended: Promise<void>;
  readonly #token: string;
  readonly #random: Random;
  readonly #instances: readonly Named[];
  readonly #connect: Connect;
  readonly #end: () => void;
  #present: Connected | undefined;
  #stopped = false;
  #turn: number;

  constructor(
    { recorder, token, random }: ListenerOptions,
    instances: readonly Named[],
    connect: Connect,
  ) {
    this.recorder = recorder;
    this.#token = token;
    this.#random = random;
    this.#instances = instances;
    this.#connect = connect;
    this.#turn = random.below(instances.length);
    let end: () => void = () => undefined;
    this.ended = new Promise((resolve) => (end = resolve));
    this.#end = end;
  }

  start(after: string): void {
    this.recorder.cursor = after;
    void this.#follow().finally(this.#end);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.cut();
    await this.ended;
  }

  cut(): void {
    this.#present?.cut();
  }

  pause(): void {
    this.#present?.pause?.();
  }

  resume(): void {
    this.#present?.resume?.();
  }

  async say(message: OutgoingMessage): Promise<SentMessage> {
    const over = this.#present?.say;
    if (over !== undefined && this.#random.chance(0.7)) return over(message);
    const instance = this.#random.pick(this.#instances);
    const sender = testClient(instance.url).as(this.#token);
    return refusalOf(async () =>
      sent(await sender.mutate<SendMessageResult>(SEND_MESSAGE, { input: message })),
    );
  }

  get #isStopped(): boolean {
    return this.#stopped;
  }

  async #follow(): Promise<void> {
    while (!this.#isStopped) {
      const instance = this.#instances[this.#turn % this.#instances.length];
      this.#turn += 1;
      if (instance === undefined) throw new Error("no instance to connect to");
      const { code, reason } = await this.#listenOn(instance);
      this.recorder.closes(reason ?? `code ${code ?? "none"}`);
      if (code !== undefined && SESSION_ENDED.has(code)) break;
      if (!this.#isStopped) await delay(RETRY_MS.least + this.#random.below(RETRY_MS.spread));
    }
    this.recorder.leaves();
  }

  async #listenOn(instance: Named): Promise<Ended> {
    try {
      const connected = await this.#connect(instance, this.recorder.cursor, (event) => {
        if (event.__typename === "Ready") this.recorder.opens(instance.name, event.cursor);
        else this.recorder.receives(event);
      });
      // `stop` was called while connecting, when there was no connection to cut yet.
      if (this.#isStopped) connected.cut();
      this.#present = connected;
      return await connected.done;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      return {
        reason: error instanceof Error ? error.message : String(error),
        ...(typeof code === "number" ? { code } : {}),
      };
    } finally {
      this.#present = undefined;
    }
  }
}

/** Passes each event on at its arrival and stores none. */
class ForwardingStream extends Stream<WireEvent> {
  readonly #onEvent: (event: WireEvent) => void;

  constructor(onEvent: (event: WireEvent) => void) {
    super("passing");
    this.#onEvent = onEvent;
  }

  override push(event: WireEvent): void {
    this.#onEvent(event);
  }
}

/** A client of graphql-transport-ws. */
export function listenBySocket(options: ListenerOptions, instances: readonly Named[]): Listener {
  return new BareListener(options, instances, async (instance, after, onEvent) => {
    const socket = new Socket(instance, { token: options.token });
    await socket.acknowledged;
    const stream = new ForwardingStream(onEvent);
    socket.run(stream, OBSERVED_EVENTS, after === undefined ? {} : { after });
    const done = stream.ended.then(async ({ errors, ...ended }) => {
      const closed = await socket.cut();
      return errors === undefined ? { ...ended, ...closed } : { reason: JSON.stringify(errors) };
    });
    return {
      done,
      cut: () => void socket.cut(),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      say: (message) =>
        refusalOf(async () => {
          const { data, errors } = await socket.execute<{ sendMessage: SendMessageResult }>(
            SEND_MESSAGE,
            { input: message },
          );
          if (!data) throw new Error(JSON.stringify(errors));
          return sent(data.sendMessage);
        }),
    };
  });
}

/** A client of server-sent events. */
export function listenBySse(options: ListenerOptions, instances: readonly Named[]): Listener {
  return new BareListener(options, instances, async (instance, after, onEvent) => {
    const { token } = options;
    const variables = after === undefined ? {} : { after };
    const stream = await subscribeSse<WireEvent>(instance, {
      token,
      query: OBSERVED_EVENTS,
      variables,
    });
    stream.keepOnly((event) => {
      onEvent(event);
      return false;
    });
    return {
      done: stream.ended.then((ended) =>
        JSON.stringify(ended.errors ?? "").includes("UNAUTHENTICATED")
          ? { code: 4403, reason: "no session" }
          : ended,
      ),
      cut: () => stream.complete(),
      pause: () => stream.pause(),
      resume: () => stream.resume(),
    };
  });
}
