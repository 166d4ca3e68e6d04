import { createContext, createSignal, onCleanup, useContext } from "solid-js";
import type { Accessor, JSX } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { coalesce } from "../app/coalesce.ts";
import type { MarkFragment } from "../generated/graphql.ts";
import { useLive } from "../connection/context.tsx";
import { useEntered } from "../session/context.tsx";
import { loadOwnRoom } from "./load-own-rooms.ts";
import { ownRoom } from "./own-rooms.ts";
import type { OwnRoom } from "./own-rooms.ts";

export interface OwnRoomsHandle {
  /** The one with the newest activity first. */
  readonly rooms: readonly OwnRoom[];
  loaded: Accessor<boolean>;
  get(id: string): OwnRoom | undefined;
  has(id: string): boolean;
  /** Unread messages in all rooms together. */
  unread: Accessor<number>;
  unreadRooms: Accessor<number>;
  /** Asks the server for one room and puts it into the list, as after joining it. */
  refresh(id: string): Promise<void>;
  /** The person has read up to this message. */
  markRead(id: string, seq: number): void;
  /** The server has moved the person's mark. */
  applyMark(mark: MarkFragment): void;
}

const OwnRoomsContext = createContext<OwnRoomsHandle>();

/** The person's rooms for all who show them. */
export function OwnRoomsProvider(props: { children: JSX.Element }): JSX.Element {
  const entered = useEntered();
  const live = useLive();
  const [state, setState] = createStore<{ rooms: OwnRoom[] }>({ rooms: [] });
  const [unread, setUnread] = createSignal({ messages: 0, mentions: 0, conversations: 0 });
  const [loaded, setLoaded] = createSignal(false);
  const asked = new Set<string>();

  const refresh = async (id: string): Promise<void> => {
    const room = await loadOwnRoom(entered.client, id);
    // Between question and answer the person may have left.
    if (room?.viewerMembership) live.list.put(room);
  };
  /** An event tells of a joined room all but its newest message. */
  const complete = async (id: string): Promise<void> => {
    if (asked.has(id)) return;
    asked.add(id);
    await refresh(id);
    asked.delete(id);
  };
  const show = (): void => {
    const rooms = live.list.conversations.map((room) => ownRoom(room, entered.me.id));
    setState("rooms", reconcile(rooms, { key: "id" }));
    setUnread(live.list.unread);
    // Not before the rooms are shown: "no rooms" must not flash.
    setLoaded(live.loaded());
    for (const id of live.list.incomplete) void complete(id);
  };
  onCleanup(live.list.subscribe(coalesce(show)));

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

/** The person's rooms. */
export function useOwnRooms(): OwnRoomsHandle {
  const own = useContext(OwnRoomsContext);
  if (!own) throw new Error("useOwnRooms needs an OwnRoomsProvider above it");
  return own;
}
