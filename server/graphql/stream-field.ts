import type { GraphQLField, GraphQLFieldExtensions } from "graphql";
import type { Context } from "./context.ts";
import { requireViewer } from "./viewer.ts";

/** The receiver of a subscription's values. */
export interface ValueSink<T extends object> {
  /** Receives one value. Must not throw or wait. */
  push(value: T): void;
  /** Receives several values that are sent together, if that is cheaper than one at a time. */
  pushRun?(values: readonly T[]): void;
  /** Whether the receiver has room for a value. */
  readonly ready: boolean;
  /** Resolves when the receiver has room, immediately if it already has. */
  drained(): Promise<void>;
  /** Called when the stream has ended. */
  end(): void;
}

export interface OpenStream {
  /** Resolves when the stream is live; rejects if it cannot become live. */
  readonly live: Promise<void>;
  /** Closes the stream and releases everything that it holds. Idempotent. */
  close(): void;
}

export type OpenInto<T extends object> = (sink: ValueSink<T>) => OpenStream;

/** The source of values of a subscription's root field. */
export interface StreamSource<Args, T extends object> {
  /**
   * Checks viewer and arguments. Returns the function that opens the stream.
   *
   * @throws NotAuthenticatedError and other typed errors
   */
  prepare: (args: Args, context: Context) => OpenInto<T>;
  /** Wraps the stream in an iterator, for transports without a socket. */
  iterate: (open: OpenInto<T>) => AsyncIterableIterator<T>;
  /**
   * Whether values are current state, which every new subscriber receives first. Such a stream becomes live
   * before a client reads from it, so the server can reject it before it starts.
   */
  isState: boolean;
}

const KEY = "stream";

/** Returns the stream behind a subscription's root field; null if the field is not a stream. */
export function streamOf(
  field: GraphQLField<unknown, unknown>,
): StreamSource<Record<string, unknown>, object> | null {
  return (
    (field.extensions[KEY] as StreamSource<Record<string, unknown>, object> | undefined) ?? null
  );
}

/**
 * Builds the parts of a subscription field that is a stream. Sockets open the stream directly, so that
 * results can be shared; other transports use the iterator. The result must depend on the value only,
 * never on the field's arguments, because subscriptions with different arguments share results.
 */
export function streamField<Args, T extends object>(
  source: StreamSource<Args, T>,
): {
  extensions: GraphQLFieldExtensions<unknown, unknown>;
  subscribe: (root: object, args: Args, context: Context) => Promise<AsyncIterable<unknown>>;
  resolve: (value: unknown, args: unknown, context: Context) => T;
} {
  return {
    extensions: { [KEY]: source },
    subscribe: async (_root, args, context) => {
      const viewer = requireViewer(context.viewer);
      context.isStream = true;
      const open = source.prepare(args, context);
      // Over HTTP, no socket closes when the session ends, so the stream ends itself.
      const holder = { viewer, sessionEnded: (): void => void values.return?.() };
      let live: Promise<void> = Promise.resolve();
      const values = source.iterate((sink) => {
        const opened = open(sink);
        live = opened.live;
        const close = (): void => {
          context.services.liveSessions.release(holder);
          opened.close();
        };
        return { live: opened.live, close };
      });
      context.services.liveSessions.hold(holder);
      if (!source.isState) return values;
      try {
        await live;
      } catch (error) {
        await values.return?.();
        throw error;
      }
      return values;
    },
    resolve: (value, _args, context) => {
      if (context.isStream === true)
        context.loaders = context.makeLoaders(context.services, context.viewer);
      return value as T;
    },
  };
}
