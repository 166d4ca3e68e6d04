import { followMarks, makeConnection, makeEventStream } from "@parley/sdk";
import type { ConnectionStatus } from "@parley/sdk";
import { makeConversationList } from "@parley/sdk/state";
import type { ConversationList } from "@parley/sdk/state";
import { stringifyDocument } from "@urql/core";
import { createContext, createSignal, onCleanup, onMount, useContext } from "solid-js";
import type { Accessor, JSX } from "solid-js";
import type { EventsSubscription } from "../generated/graphql.ts";
import { loadOwnRooms } from "../rooms/load-own-rooms.ts";
import type { ListedRoom } from "../rooms/own-rooms.ts";
import { useEntered, useSession } from "../session/context.tsx";
import { belongsToRooms } from "./list-event.ts";
import { EVENTS, OWN_MARKS } from "./documents.ts";
import { makeLive } from "./live.ts";

/** What happens, as it happens. */
export type LiveEvent = Exclude<
  EventsSubscription["events"],
  { __typename: "Ready" } | { __typename: "Heartbeat" }
>;

export interface LiveHandle {
  status: Accessor<ConnectionStatus>;
  /** The own rooms: a snapshot that the events keep fresh. */
  list: ConversationList<ListedRoom>;
  /** Whether the first snapshot of the own rooms is here. */
  loaded: Accessor<boolean>;
  /** Calls the listener with each event until the component that asked is gone. */
  onEvent(listener: (event: LiveEvent) => void): void;
  /** Calls the listener when something may have been missed: what is shown is to be asked for anew. */
  onResync(listener: () => void): void;
  reconnectNow(): void;
}

const LiveContext = createContext<LiveHandle>();

const ENDED = "This session has ended. Log in to go on where you were.";

/** One event stream for all that is shown behind the door. */
export function ConnectionProvider(props: { children: JSX.Element }): JSX.Element {
  const entered = useEntered();
  const session = useSession();
  const [status, setStatus] = createSignal<ConnectionStatus>({ state: "connecting", attempt: 0 });
  const [loaded, setLoaded] = createSignal(false);
  const eventListeners = new Set<(event: LiveEvent) => void>();
  const resyncListeners = new Set<() => void>();
  const list = makeConversationList<ListedRoom>({ viewerId: entered.me.id });
  const connection = makeConnection({ url: new URL("/graphql", location.href).href });
  let stopMarks = (): void => undefined;

  const live = makeLive<LiveEvent>({
    begin: async () => {
      const answer = await loadOwnRooms(entered.client);
      if (answer === "ended") {
        session.end(ENDED);
        return undefined;
      }
      if (answer === "failed") return undefined;
      list.reset(answer.rooms);
      setLoaded(true);
      return answer.cursor;
    },
    open: (after, onStatus) => {
      // Anew after each snapshot, for the stream begins with what the snapshot may have missed.
      stopMarks();
      stopMarks = followMarks({
        connection,
        document: OWN_MARKS,
        print: stringifyDocument,
        onMark: list.applyMark,
      });
      return makeEventStream({
        connection,
        document: EVENTS,
        after,
        onStatus,
        print: stringifyDocument,
      });
    },
    onEvent: (event) => {
      if (belongsToRooms(event)) list.apply(event);
      for (const listener of [...eventListeners]) listener(event);
    },
    onStatus: setStatus,
    onResync: () => {
      for (const listener of [...resyncListeners]) listener();
    },
    onEnded: () => session.end(ENDED),
  });

  const wake = (): void => {
    if (document.visibilityState === "visible") live.reconnectNow();
  };
  onMount(() => {
    live.start();
    window.addEventListener("online", wake);
    // A laptop that slept may hold a dead connection and not know it yet.
    document.addEventListener("visibilitychange", wake);
  });
  onCleanup(() => {
    window.removeEventListener("online", wake);
    document.removeEventListener("visibilitychange", wake);
    live.stop();
    stopMarks();
    connection.close();
  });

  const handle: LiveHandle = {
    status,
    list,
    loaded,
    onEvent: (listener) => keep(eventListeners, listener),
    onResync: (listener) => keep(resyncListeners, listener),
    reconnectNow: () => live.reconnectNow(),
  };
  return <LiveContext.Provider value={handle}>{props.children}</LiveContext.Provider>;
}

/** Holds a listener for as long as the component that calls lives. */
function keep<T>(listeners: Set<T>, listener: T): void {
  listeners.add(listener);
  onCleanup(() => listeners.delete(listener));
}

/** The event stream, and what lives on it. */
export function useLive(): LiveHandle {
  const live = useContext(LiveContext);
  if (!live) throw new Error("useLive needs a ConnectionProvider above it");
  return live;
}
