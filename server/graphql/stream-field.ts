import type { GraphQLField, GraphQLFieldExtensions } from "graphql";
import type { Context } from "./context.ts";
import { requireViewer } from "./viewer.ts";

/** Where the values of a subscription go. */
export interface ValueSink<T extends object> {
  /** Takes one value. Must not throw and must not wait. */
  push(value: T): void;
  /** Takes several that everybody is told together, where that costs less than one after the other. */
  pushRun?(values: readonly T[]): void;
  /** Whether there is room for one at this moment. */
  readonly ready: boolean;
  /** Resolves when there is room again; at once while there is. */
  drained(): Promise<void>;
  /** No more comes. */
  end(): void;
}

/** A stream that has been opened. */
export interface OpenStream {
  /** Resolves when the stream is live; rejects when it cannot be. */
  readonly live: Promise<void>;
  /** Ends the stream and frees all it holds. May be called at any time and again. */
  close(): void;
}

export type OpenInto<T extends object> = (sink: ValueSink<T>) => OpenStream;

/** Where the values of a subscription's root field come from. */
export interface StreamSource<Args, T extends object> {
  /**
   * Checks who asks and for what; answers what opens the stream.
   *
   * @throws NotAuthenticatedError and other typed errors
   */
  prepare: (args: Args, context: Context) => OpenInto<T>;
  /** The same as an iterator, where there is no socket to write to. */
  iterate: (open: OpenInto<T>) => AsyncIterableIterator<T>;
  /**
   * Whether values are a present state, which everyone who comes is told again. Such a stream is live
   * without anything being read from it, so it can be refused before it begins.
   */
  isState: boolean;
}

const KEY = "stream";

/** The stream behind a subscription's root field; null where it is of another kind. */
export function streamOf(
  field: GraphQLField<unknown, unknown>,
): StreamSource<Record<string, unknown>, object> | null {
  return (
    (field.extensions[KEY] as StreamSource<Record<string, unknown>, object> | undefined) ?? null
  );
}

/**
 * The parts of a subscription field that is a stream: sockets open it by themselves, so that its
 * answers can be shared; everything else goes by the iterator. What it resolves to must depend on the
 * value alone, never on the field's arguments, for subscriptions that differ in these share answers.
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
      // Over HTTP there is no socket to close when the session ends, so the stream ends by itself.
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
