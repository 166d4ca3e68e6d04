import { createMemo, createSignal, onCleanup } from "solid-js";
import type { Accessor } from "solid-js";
import { coalesce } from "../app/coalesce.ts";
import { useLive } from "../connection/context.tsx";
import { useSignedIn } from "../session/context.tsx";
import { useOutbox } from "./outbox-context.tsx";
import { makeRoomSource } from "./room-source.ts";
import { makeRoomStore } from "./room-store.ts";
import type { RoomStore } from "./room-store.ts";

/**
 * The room with a slug, updated while the calling component is mounted. Reading the accessor tracks
 * every change of the store.
 */
export function createRoom(slug: string): Accessor<RoomStore> {
  const signedIn = useSignedIn();
  const live = useLive();
  const { outbox, onSent } = useOutbox();
  const [version, setVersion] = createSignal(0);

  const bump = coalesce(() => setVersion((count) => count + 1));
  const store = makeRoomStore({
    source: makeRoomSource(signedIn.client, slug),
    viewerId: signedIn.me.id,
    onChange: () => {
      showPending();
      bump();
    },
  });
  /**
   * The last pending items passed on. Passing them on calls `onChange` again, so equal items are
   * skipped.
   */
  let lastPassed = outbox.items;
  let lastPassedRoom: string | undefined;
  const showPending = (): void => {
    const view = store.view();
    if (view.kind !== "ready") return;
    if (lastPassed === outbox.items && lastPassedRoom === view.info.id) return;
    lastPassed = outbox.items;
    lastPassedRoom = view.info.id;
    store.setPending(lastPassed.filter((item) => item.conversationId === view.info.id));
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
