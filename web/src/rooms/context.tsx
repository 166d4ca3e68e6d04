import { createContext, createSignal, onCleanup, useContext } from "solid-js";
import type { Accessor, JSX } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { coalesce } from "../app/coalesce.ts";
import type { MarkFragment } from "../generated/graphql.ts";
import { useLive } from "../connection/context.tsx";
import { useSignedIn } from "../session/context.tsx";
import { loadOwnRoom } from "./load-own-rooms.ts";
import { ownRoom } from "./own-rooms.ts";
import type { OwnRoom } from "./own-rooms.ts";

export interface OwnRoomsHandle {
  /** By latest activity, newest first. */
  readonly rooms: readonly OwnRoom[];
  loaded: Accessor<boolean>;
  get(id: string): OwnRoom | undefined;
  has(id: string): boolean;
  /** Unread messages in all rooms. */
  unread: Accessor<number>;
  unreadRooms: Accessor<number>;
  /** Loads one room from the server into the list, for example after joining it. */
  refresh(id: string): Promise<void>;
  /** Moves the viewer's read mark before the server confirms it. */
  markRead(id: string, seq: number): void;
  applyMark(mark: MarkFragment): void;
}

const OwnRoomsContext = createContext<OwnRoomsHandle>();

export function OwnRoomsProvider(props: { children: JSX.Element }): JSX.Element {
  const signedIn = useSignedIn();
  const live = useLive();
  const [state, setState] = createStore<{ rooms: OwnRoom[] }>({ rooms: [] });
  const [unread, setUnread] = createSignal({ messages: 0, mentions: 0, conversations: 0 });
  const [loaded, setLoaded] = createSignal(false);
  const refreshing = new Set<string>();

  const refresh = async (id: string): Promise<void> => {
    const room = await loadOwnRoom(signedIn.client, id);
    // The viewer may have left during the request.
    if (room?.viewerMembership) live.list.put(room);
  };
  /** A join event lacks the room's newest message. */
  const refreshOnce = async (id: string): Promise<void> => {
    if (refreshing.has(id)) return;
    refreshing.add(id);
    await refresh(id);
    refreshing.delete(id);
  };
  const update = (): void => {
    const rooms = live.list.conversations.map((room) => ownRoom(room, signedIn.me.id));
    setState("rooms", reconcile(rooms, { key: "id" }));
    setUnread(live.list.unread);
    // Set after the rooms are shown, so that "No rooms yet" does not flash.
    setLoaded(live.loaded());
    for (const id of live.list.incomplete) void refreshOnce(id);
  };
  onCleanup(live.list.subscribe(coalesce(update)));

  const get = (id: string): OwnRoom | undefined => state.rooms.find((room) => room.id === id);
  const handle: OwnRoomsHandle = {
    get rooms() {
      return state.rooms;
    },
    loaded,
    get,
    has: (id) => get(id) !== undefined,
    unread: () => unread().messages,
    unreadRooms: () => unread().conversations,
    refresh,
    markRead: (id, seq) => live.list.markRead(id, seq),
    applyMark: (mark) => live.list.applyMark(mark),
  };
  return <OwnRoomsContext.Provider value={handle}>{props.children}</OwnRoomsContext.Provider>;
}

export function useOwnRooms(): OwnRoomsHandle {
  const own = useContext(OwnRoomsContext);
  if (!own) throw new Error("useOwnRooms needs an OwnRoomsProvider above it");
  return own;
}
