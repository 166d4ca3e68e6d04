import { SessionEndedError, UnauthenticatedError, backoffMs } from "@parley/sdk";
import type { ConnectionStatus, EventStream } from "@parley/sdk";

export interface LiveOptions<Event> {
  /**
   * Gets and takes over the snapshot that the events go on from.
   *
   * @returns its cursor, or undefined when it could not be had
   */
  begin(): Promise<string | undefined>;
  /** Opens the stream of what happened after the cursor. */
  open(after: string, onStatus: (status: ConnectionStatus) => void): EventStream<Event>;
  /** Called with each event, once and in order. */
  onEvent(event: Event): void;
  onStatus(status: ConnectionStatus): void;
  /** Called when a snapshot was taken over that does not follow on what was known before. */
  onResync(): void;
  /** Called once, when the session is over; nothing follows. */
  onEnded(): void;
}

export interface Live {
  start(): void;
  /** Does not wait for the next attempt; also finds out whether an open connection still lives. */
  reconnectNow(): void;
  stop(): void;
}

/** Waits between attempts to begin, in milliseconds. */
const BACKOFF = { baseMs: 500, capMs: 10_000 };

/**
 * Keeps what is shown equal to what the server has: snapshot, then the events after it, and anew
 * from the snapshot whenever the stream cannot fill a gap.
 */
export function makeLive<Event extends { readonly __typename: string }>(
  options: LiveOptions<Event>,
): Live {
  let running = false;
  let stream: EventStream<Event> | undefined;
  let wake: (() => void) | undefined;

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async (): Promise<void> => {
    let began = false;
    let failures = 0;
    while (running) {
      const after = await options.begin();
      // `running` can change while something is awaited, which the type checker cannot know.
      if (!isRunning()) return;
      if (after !== undefined) {
        if (began) options.onResync();
        began = true;
        const outcome = await follow(after);
        if (outcome === "over") return;
        if (outcome === "gap") {
          failures = 0;
          continue;
        }
      }
      failures += 1;
      const retryInMs = backoffMs(failures, BACKOFF);
      options.onStatus({ state: "reconnecting", attempt: failures, retryInMs });
      await pause(retryInMs);
    }
  };
  const isRunning = (): boolean => running;

  const follow = async (after: string): Promise<"gap" | "failed" | "over"> => {
    stream = options.open(after, options.onStatus);
    try {
      for await (const event of stream) {
        if (event.__typename === "EventGap") return "gap";
        options.onEvent(event);
      }
      return "over";
    } catch (error) {
      if (error instanceof SessionEndedError || error instanceof UnauthenticatedError) {
        running = false;
        options.onEnded();
        return "over";
      }
      return "failed";
    } finally {
      stream = undefined;
    }
  };

  return {
    start: () => {
      if (running) return;
      running = true;
      void run();
    },
    reconnectNow: () => {
      wake?.();
      stream?.reconnectNow();
    },
    stop: () => {
      running = false;
      wake?.();
      void stream?.return();
    },
  };
}
