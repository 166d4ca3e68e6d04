import { SessionEndedError, UnauthenticatedError, backoffMs } from "@parley/sdk";
import type { ConnectionStatus, EventStream } from "@parley/sdk";

export interface LiveOptions<Event> {
  /**
   * Loads and applies the snapshot that precedes the events.
   *
   * @returns its cursor, or undefined if it could not be loaded
   */
  loadSnapshot(): Promise<string | undefined>;
  /** Opens the stream of events after the cursor. */
  openStream(after: string, onStatus: (status: ConnectionStatus) => void): EventStream<Event>;
  /** Called with each event, once and in order. */
  onEvent(event: Event): void;
  onStatus(status: ConnectionStatus): void;
  /** Called when a new snapshot replaced the state after a gap. */
  onResync(): void;
  /** Called once, when the session ended. No further callback follows. */
  onEnded(): void;
}

export interface Live {
  start(): void;
  /**
   * Skips the wait for the next attempt. If a connection is open, checks that it is still alive.
   */
  reconnectNow(): void;
  stop(): void;
}

/** Delays between attempts to load the snapshot. */
const BACKOFF = { baseMs: 500, capMs: 10_000 };

/**
 * Keeps local state equal to the server's: loads a snapshot, then applies the events after it. If
 * the stream has a gap it cannot fill, it starts again from a new snapshot.
 */
export function makeLive<Event extends { readonly __typename: string }>(
  options: LiveOptions<Event>,
): Live {
  let running = false;
  let stream: EventStream<Event> | undefined;
  let wake: (() => void) | undefined;

  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async (): Promise<void> => {
    let hadSnapshot = false;
    let failures = 0;
    while (running) {
      const after = await options.loadSnapshot();
      // `isRunning` is a function, because TypeScript assumes that `running` does not change across
      // an `await`.
      if (!isRunning()) return;
      if (after !== undefined) {
        if (hadSnapshot) options.onResync();
        hadSnapshot = true;
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
      await sleep(retryInMs);
    }
  };
  const isRunning = (): boolean => running;

  const follow = async (after: string): Promise<"gap" | "failed" | "over"> => {
    stream = options.openStream(after, options.onStatus);
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
