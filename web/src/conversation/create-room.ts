import { createMemo, createSignal, onCleanup } from "solid-js";
import type { Accessor } from "solid-js";
import { coalesce } from "../app/coalesce.ts";
import { useLive } from "../connection/context.tsx";
import { useEntered } from "../session/context.tsx";
import { useOutbox } from "./outbox-context.tsx";
import { makeRoomSource } from "./room-source.ts";
import { makeRoomStore } from "./room-store.ts";
import type { RoomStore } from "./room-store.ts";

/**
 * The room that lives under a slug, fresh for as long as the calling component shows it. Reading
 * the accessor follows every change of the store.
 */
export function createRoom(slug: string): Accessor<RoomStore> {
  const entered = useEntered();
  const live = useLive();
  const { outbox, onSent } = useOutbox();
  const [version, setVersion] = createSignal(0);

  const bump = coalesce(() => setVersion((count) => count + 1));
  const store = makeRoomStore({
    source: makeRoomSource(entered.client, slug),
    viewerId: entered.me.id,
    onChange: () => {
      showPending();
      bump();
    },
  });
  /** The last pending items that were handed on: handing on calls `onChange` again. */
  let handed = outbox.items;
  let handedTo: string | undefined;
  const showPending = (): void => {
    const view = store.view();
    if (view.is !== "ready") return;
    if (handed === outbox.items && handedTo === view.facts.id) return;
    handed = outbox.items;
    handedTo = view.facts.id;
    store.setPending(handed.filter((item) => item.conversationId === view.facts.id));
  };

  live.onEvent(store.apply);
  live.onResync(() => void store.load());
  onSent(store.add);
  onCleanup(outbox.subscribe(showPending));
  onCleanup(store.stop);
  void store.load();

  const room = createMemo(
    () => {
      version();
      return store;
    },
    undefined,
    { equals: false },
  );
  return room;
}
