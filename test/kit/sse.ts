import { EVENTS, type ChatEvent } from "./documents.ts";
import { Stream, type GraphQLProblem } from "./inbox.ts";
import { onRelease } from "./resources.ts";
import type { Endpoint, Variables } from "./socket.ts";

export interface SseOptions {
  token?: string;
  headers?: Record<string, string>;
  query?: string;
  variables?: Variables;
}

/** A subscription over server-sent events. */
export class SseSubscription<T> extends Stream<T> {
  /** The HTTP response that carries the events. */
  readonly response: Response;
  #reading: Promise<void> = Promise.resolve();
  #resolveReading: () => void = () => undefined;

  constructor(response: Response) {
    super("server-sent events");
    this.response = response;
  }

  /** Stops reading, so that events stay on the server. */
  pause(): void {
    this.#resolveReading();
    this.#reading = new Promise((resolve) => (this.#resolveReading = resolve));
  }

  resume(): void {
    this.#resolveReading();
  }

  /** Resolves when the stream is not paused. */
  get reading(): Promise<void> {
    return this.#reading;
  }
}

interface Result<T> {
  data?: Record<string, T> | null;
  errors?: readonly GraphQLProblem[];
}

/**
 * Subscribes over HTTP with `accept: text/event-stream`, in graphql-sse's distinct connections mode.
 * `complete()` aborts the request, like a browser that leaves the page.
 */
export async function subscribeSse<T = ChatEvent>(
  endpoint: Endpoint,
  { token, headers, query = EVENTS, variables = {} }: SseOptions = {},
): Promise<SseSubscription<T>> {
  const abort = new AbortController();
  onRelease(() => abort.abort());
  const response = await fetch(
    new URL("/graphql", typeof endpoint === "string" ? endpoint : endpoint.url),
    {
      method: "POST",
      headers: {
        accept: "text/event-stream",
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
      signal: abort.signal,
    },
  );
  const subscription = new SseSubscription<T>(response);
  subscription.complete = () => {
    abort.abort();
    // A paused reader does not notice the end.
    subscription.resume();
  };
  void read(subscription);
  return subscription;
}

async function read<T>(stream: SseSubscription<T>): Promise<void> {
  try {
    for await (const { event, data } of messages(stream)) {
      if (event === "complete") {
        stream.end({});
        return;
      }
      if (event !== "next") continue;
      const result = JSON.parse(data) as Result<T>;
      for (const item of Object.values(result.data ?? {})) {
        if (item !== null) stream.push(item);
      }
      if (result.errors) stream.end({ errors: result.errors });
    }
    stream.end({ reason: "the answer ended without `complete`" });
  } catch (error) {
    stream.end({ reason: error instanceof Error ? error.message : String(error) });
  }
}

/** Yields the messages of an event stream: https://html.spec.whatwg.org/multipage/server-sent-events.html */
async function* messages<T>(
  stream: SseSubscription<T>,
): AsyncGenerator<{ event: string; data: string }> {
  const { body } = stream.response;
  if (!body) return;
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    await stream.reading;
    text = (text + decoder.decode(chunk, { stream: true })).replaceAll("\r\n", "\n");
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      let event = "message";
      const data: string[] = [];
      for (const line of block.split("\n")) {
        if (line.startsWith("event:")) event = line.slice("event:".length).trim();
        if (line.startsWith("data:")) data.push(line.slice("data:".length).trim());
      }
      yield { event, data: data.join("\n") };
    }
  }
}
