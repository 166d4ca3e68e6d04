import { createEffect, createSignal, onCleanup, onMount } from "solid-js";
import type { Accessor } from "solid-js";
import { useOwnRooms } from "../rooms/context.tsx";
import { useSignedIn } from "../session/context.tsx";
import { MARK_READ } from "./documents.ts";
import { makeReadMarker } from "./read-marker.ts";

export interface ReadTrackerOptions {
  roomId: Accessor<string>;
  /** Whether the viewer is a member. Others have no read mark. */
  member: Accessor<boolean>;
  /** `seq` of the newest loaded message. */
  newest: Accessor<number>;
  /** The viewer's read mark when the page opened; undefined for non-members. */
  readSeq: number | undefined;
}

export interface ReadTracker {
  /** Messages after this `seq` are new to the reader; undefined shows no divider. */
  dividerAfter: Accessor<number | undefined>;
  /** Call it when the newest message enters or leaves the view. */
  setPinned: (pinned: boolean) => void;
  /** Call it when the viewer sends a message, which counts as reading. */
  onSend: () => void;
}

/** Marks messages as read while they are in view and the window has focus. */
export function createReadTracker(options: ReadTrackerOptions): ReadTracker {
  const signedIn = useSignedIn();
  const own = useOwnRooms();
  const [pinned, setPinned] = createSignal(true);
  const [attentive, setAttentive] = createSignal(isAttentive());
  const hasUnread = options.readSeq !== undefined && options.newest() > options.readSeq;
  // Messages that arrive in view are not new, so a fully read room has no divider.
  const [dividerAfter, setDividerAfter] = createSignal(hasUnread ? options.readSeq : undefined);
  const marker = makeReadMarker(options.readSeq ?? 0, async (seq) => {
    const input = { conversationId: options.roomId(), seq };
    const response = await signedIn.client.mutation(MARK_READ, { input }).toPromise();
    const result = response.data?.markRead;
    if (result?.__typename !== "MarkReadPayload") return false;
    own.applyMark(result.mark);
    return true;
  });

  const updateAttention = (): void => {
    const now = isAttentive();
    // Messages that arrive while the window lacks focus are new when the user returns.
    if (attentive() && !now && pinned()) setDividerAfter(options.newest());
    setAttentive(now);
  };
  onMount(() => {
    window.addEventListener("focus", updateAttention);
    window.addEventListener("blur", updateAttention);
    document.addEventListener("visibilitychange", updateAttention);
  });
  onCleanup(() => {
    window.removeEventListener("focus", updateAttention);
    window.removeEventListener("blur", updateAttention);
    document.removeEventListener("visibilitychange", updateAttention);
  });

  createEffect(() => {
    const seq = options.newest();
    if (!options.member() || !attentive() || !pinned() || seq === 0) return;
    own.markRead(options.roomId(), seq);
    marker.seen(seq);
  });
  return {
    dividerAfter,
    setPinned,
    onSend: () => setDividerAfter(undefined),
  };
}

function isAttentive(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}
