import { makeTimeline } from "@parley/sdk/state";
import type { OutboxItem, TimelineEntry } from "@parley/sdk/state";
import type { LiveEvent } from "../connection/context.tsx";
import type { MessagePage, RoomInfo, RoomSource, StoredMessage } from "./room-source.ts";

export type RoomView =
  | { kind: "loading" }
  | { kind: "missing" }
  | { kind: "problem"; problem: string }
  | { kind: "ready"; info: RoomInfo };

export interface RoomStore {
  view(): RoomView;
  entries(): readonly TimelineEntry<StoredMessage, OutboxItem>[];
  /** `seq` of the newest loaded message; 0 if there is none. */
  newest(): number;
  hasOlder(): boolean;
  older(): { loading: boolean; problem: string | undefined };
  /** Loads the room and its newest page, initially and after missed events. */
  load(): Promise<void>;
  loadOlder(): Promise<void>;
  apply(event: LiveEvent): void;
  add(message: StoredMessage): void;
  setPending(items: readonly OutboxItem[]): void;
  stop(): void;
}

export interface RoomStoreOptions {
  source: RoomSource;
  viewerId: string;
  onChange: () => void;
}

/** How long a missing message may take to arrive before it is fetched, in milliseconds. */
const HOLE_DELAY_MS = 1_000;

/** The state of one open room: its details, its messages and live updates. */
export function makeRoomStore(options: RoomStoreOptions): RoomStore {
  const { source, viewerId, onChange } = options;
  const timeline = makeTimeline<StoredMessage, OutboxItem>({
    isOwn: (message) => message.author.id === viewerId,
  });
  let view: RoomView = { kind: "loading" };
  let older = { loading: false, problem: undefined as string | undefined };
  /** Cursor for the page before the loaded messages. */
  let oldestCursor: string | undefined;
  /** Events that arrived before the room's id was known. */
  let queuedEvents: LiveEvent[] = [];
  let latestLoad = 0;
  let holeTimer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const addPage = (page: MessagePage): void => {
    const loaded = timeline.loaded;
    const first = page.messages[0]?.seq;
    // The page does not connect to the loaded messages. Discard them rather than keep a hole that
    // no scrolling fills.
    const isDetached = loaded !== undefined && first !== undefined && first > loaded.last + 1;
    if (isDetached) timeline.clear();
    if (isDetached || loaded === undefined) oldestCursor = page.startCursor;
    timeline.addPage(page);
  };

  const load = async (): Promise<void> => {
    latestLoad += 1;
    const thisLoad = latestLoad;
    const result = await source.room();
    if (thisLoad !== latestLoad || stopped) return;
    if (result.kind === "problem") {
      // Keep showing the loaded room. The connection banner reports the problem.
      if (view.kind !== "ready") view = result;
    } else if (result.value === undefined) {
      view = { kind: "missing" };
    } else {
      view = { kind: "ready", info: result.value.info };
      addPage(result.value.page);
      const waiting = queuedEvents;
      queuedEvents = [];
      for (const event of waiting) apply(event);
    }
    onChange();
  };

  const scheduleHoleLoad = (): void => {
    if (timeline.holes.length === 0 || holeTimer !== undefined) return;
    holeTimer = setTimeout(() => {
      holeTimer = undefined;
      if (timeline.holes.length > 0 && !stopped) void load();
    }, HOLE_DELAY_MS);
  };

  const add = (message: StoredMessage): void => {
    timeline.add(message);
    scheduleHoleLoad();
  };
  const updateInfo = (change: Partial<RoomInfo>): void => {
    if (view.kind === "ready") view = { kind: "ready", info: { ...view.info, ...change } };
  };

  const apply = (event: LiveEvent): void => {
    if (view.kind !== "ready") {
      queuedEvents.push(event);
      return;
    }
    if (!("conversationId" in event) || event.conversationId !== view.info.id) return;
    switch (event.__typename) {
      case "MessageSent":
        add(event.message);
        break;
      case "MessageEdited":
      case "MessageDeleted":
      case "MessagePinned":
      case "MessageUnpinned":
      case "ReactionAdded":
      case "ReactionRemoved":
        timeline.update(event.message);
        break;
      case "MemberJoined":
        if (event.conversation.__typename === "Room")
          updateInfo({ memberCount: event.conversation.memberCount });
        if (event.membership.user.id === viewerId) void load();
        break;
      case "MemberLeft":
        updateInfo({ memberCount: Math.max(0, view.info.memberCount - 1) });
        if (event.user.id === viewerId) updateInfo({ viewerMembership: null });
        break;
      case "RoomCreated":
        break;
    }
    onChange();
  };

  const loadOlder = async (): Promise<void> => {
    if (view.kind !== "ready" || older.loading || oldestCursor === undefined || !timeline.hasOlder)
      return;
    const from = oldestCursor;
    older = { loading: true, problem: undefined };
    onChange();
    const result = await source.older(view.info.id, from);
    if (stopped) return;
    // If the timeline was cleared meanwhile, this page no longer connects to it.
    if (oldestCursor === from && result.kind === "ok") {
      oldestCursor = result.value.startCursor ?? oldestCursor;
      timeline.addPage(result.value);
    }
    older = { loading: false, problem: result.kind === "problem" ? result.problem : undefined };
    onChange();
  };

  return {
    view: () => view,
    entries: () => timeline.entries,
    newest: () => timeline.loaded?.last ?? 0,
    hasOlder: () => timeline.hasOlder,
    older: () => older,
    load,
    loadOlder,
    apply,
    add: (message) => {
      if (view.kind !== "ready" || message.conversationId !== view.info.id) return;
      add(message);
      onChange();
    },
    setPending: (items) => {
      timeline.setPending(items);
      onChange();
    },
    stop: () => {
      stopped = true;
      clearTimeout(holeTimer);
    },
  };
}
