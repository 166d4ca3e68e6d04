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
import { useSignedIn, useSession } from "../session/context.tsx";
import { SESSION_ENDED } from "../session/session.ts";
import { isRoomListEvent } from "./room-list-event.ts";
import { EVENTS, OWN_MARKS } from "./documents.ts";
import { makeLive } from "./live.ts";

export type LiveEvent = Exclude<
  EventsSubscription["events"],
  { __typename: "Ready" } | { __typename: "Heartbeat" }
>;

export interface LiveHandle {
  status: Accessor<ConnectionStatus>;
  /** The viewer's rooms: a snapshot that events keep up to date. */
  list: ConversationList<ListedRoom>;
  /** Whether the first snapshot of the viewer's rooms is loaded. */
  loaded: Accessor<boolean>;
  /** Calls the listener with each event while the calling component is mounted. */
  onEvent(listener: (event: LiveEvent) => void): void;
  /** Calls the listener when events may have been missed, so that it reloads its data. */
  onResync(listener: () => void): void;
  reconnectNow(): void;
}

const LiveContext = createContext<LiveHandle>();

export function ConnectionProvider(props: { children: JSX.Element }): JSX.Element {
  const signedIn = useSignedIn();
  const session = useSession();
  const [status, setStatus] = createSignal<ConnectionStatus>({ state: "connecting", attempt: 0 });
  const [loaded, setLoaded] = createSignal(false);
  const eventListeners = new Set<(event: LiveEvent) => void>();
  const resyncListeners = new Set<() => void>();
  const list = makeConversationList<ListedRoom>({ viewerId: signedIn.me.id });
  const connection = makeConnection({ url: new URL("/graphql", location.href).href });
  let stopMarks = (): void => undefined;

  const live = makeLive<LiveEvent>({
    loadSnapshot: async () => {
      const snapshot = await loadOwnRooms(signedIn.client);
      if (snapshot === "ended") {
        session.end(SESSION_ENDED);
        return undefined;
      }
      if (snapshot === "failed") return undefined;
      list.reset(snapshot.rooms);
      setLoaded(true);
      return snapshot.cursor;
    },
    openStream: (after, onStatus) => {
      // Restarted after each snapshot, because the stream first sends the marks that the snapshot
      // may lack.
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
      if (isRoomListEvent(event)) list.apply(event);
      for (const listener of [...eventListeners]) listener(event);
    },
    onStatus: setStatus,
    onResync: () => {
      for (const listener of [...resyncListeners]) listener();
    },
    onEnded: () => session.end(SESSION_ENDED),
  });

  const wake = (): void => {
    if (document.visibilityState === "visible") live.reconnectNow();
  };
  onMount(() => {
    live.start();
    window.addEventListener("online", wake);
    // A laptop that slept may hold a dead connection.
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
    onEvent: (listener) => register(eventListeners, listener),
    onResync: (listener) => register(resyncListeners, listener),
    reconnectNow: () => live.reconnectNow(),
  };
  return <LiveContext.Provider value={handle}>{props.children}</LiveContext.Provider>;
}

function register<T>(listeners: Set<T>, listener: T): void {
  listeners.add(listener);
  onCleanup(() => listeners.delete(listener));
}

export function useLive(): LiveHandle {
  const live = useContext(LiveContext);
  if (!live) throw new Error("useLive needs a ConnectionProvider above it");
  return live;
}
