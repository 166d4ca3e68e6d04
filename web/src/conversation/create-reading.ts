import { createEffect, createSignal, onCleanup, onMount } from "solid-js";
import type { Accessor } from "solid-js";
import { useOwnRooms } from "../rooms/context.tsx";
import { useEntered } from "../session/context.tsx";
import { MARK_READ } from "./documents.ts";
import { makeReadMarker } from "./read-marker.ts";

export interface ReadingOptions {
  roomId: Accessor<string>;
  /** Whether the person is a member; others have no read mark. */
  member: Accessor<boolean>;
  /** `seq` of the newest message on the screen. */
  newest: Accessor<number>;
  /** The person's read mark when the page opened; undefined for who was no member. */
  readSeq: number | undefined;
}

export interface Reading {
  /** What came after this seq is new to the reader; undefined draws no line. */
  dividerAfter: Accessor<number | undefined>;
  /** To be called when the newest message comes into view or leaves it. */
  setPinned: (pinned: boolean) => void;
  /** The person wrote: whoever answers has read. */
  wrote: () => void;
}

/** Knows what the person has seen: what is in view while the window has the attention. */
export function createReading(options: ReadingOptions): Reading {
  const entered = useEntered();
  const own = useOwnRooms();
  const [pinned, setPinned] = createSignal(true);
  const [attentive, setAttentive] = createSignal(isAttentive());
  const hasNews = options.readSeq !== undefined && options.newest() > options.readSeq;
  // What comes while somebody looks is no news: who has read all has no line yet.
  const [dividerAfter, setDividerAfter] = createSignal(hasNews ? options.readSeq : undefined);
  const marker = makeReadMarker(options.readSeq ?? 0, async (seq) => {
    const input = { conversationId: options.roomId(), seq };
    const answer = await entered.client.mutation(MARK_READ, { input }).toPromise();
    const result = answer.data?.markRead;
    if (result?.__typename !== "MarkReadPayload") return false;
    own.applyMark(result.mark);
    return true;
  });

  const look = (): void => {
    const now = isAttentive();
    // What comes while nobody looks is news when they come back.
    if (attentive() && !now && pinned()) setDividerAfter(options.newest());
    setAttentive(now);
  };
  onMount(() => {
    window.addEventListener("focus", look);
    window.addEventListener("blur", look);
    document.addEventListener("visibilitychange", look);
  });
  onCleanup(() => {
    window.removeEventListener("focus", look);
    window.removeEventListener("blur", look);
    document.removeEventListener("visibilitychange", look);
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
    wrote: () => setDividerAfter(undefined),
  };
}

function isAttentive(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}
