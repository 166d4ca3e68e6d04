import { makeTimeline } from "@parley/sdk/state";
import type { OutboxItem, TimelineEntry } from "@parley/sdk/state";
import type { LiveEvent } from "../connection/context.tsx";
import type { MessagePage, RoomFacts, RoomSource, StoredMessage } from "./room-source.ts";

export type RoomView =
  | { is: "loading" }
  | { is: "missing" }
  | { is: "problem"; problem: string }
  | { is: "ready"; facts: RoomFacts };

export interface RoomStore {
  view(): RoomView;
  entries(): readonly TimelineEntry<StoredMessage, OutboxItem>[];
  /** `seq` of the newest message that is here; 0 without one. */
  newest(): number;
  hasOlder(): boolean;
  older(): { loading: boolean; problem: string | undefined };
  /** Asks for the room and its newest page, at the beginning and whenever something was missed. */
  load(): Promise<void>;
  loadOlder(): Promise<void>;
  apply(event: LiveEvent): void;
  /** A message of one's own, known from the answer to sending it. */
  add(message: StoredMessage): void;
  /** What is on its way to this room. */
  setPending(items: readonly OutboxItem[]): void;
  stop(): void;
}

export interface RoomStoreOptions {
  source: RoomSource;
  viewerId: string;
  onChange: () => void;
}

/** How long, in milliseconds, a missing message may be on its way before it is asked for. */
const HOLE_PATIENCE_MS = 1_000;

/** One room on the screen: what the server told of it, its messages, and what happens meanwhile. */
export function makeRoomStore(options: RoomStoreOptions): RoomStore {
  const { source, viewerId, onChange } = options;
  const timeline = makeTimeline<StoredMessage, OutboxItem>({
    isOwn: (message) => message.author.id === viewerId,
  });
  let view: RoomView = { is: "loading" };
  let older = { loading: false, problem: undefined as string | undefined };
  /** Where the page above what is loaded begins. */
  let top: string | undefined;
  /** Events of any room while this one's id is not known yet. */
  let early: LiveEvent[] = [];
  let loads = 0;
  let holeTimer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const takePage = (page: MessagePage): void => {
    const loaded = timeline.loaded;
    const first = page.messages[0]?.seq;
    // A page that does not meet what is here would leave a hole nobody scrolls into: begin anew.
    const apart = loaded !== undefined && first !== undefined && first > loaded.last + 1;
    if (apart) timeline.clear();
    if (apart || loaded === undefined) top = page.startCursor;
    timeline.addPage(page);
  };

  const load = async (): Promise<void> => {
    loads += 1;
    const turn = loads;
    const answer = await source.room();
    if (turn !== loads || stopped) return;
    if (answer.is === "problem") {
      // What is on the screen stays there; the connection's banner tells the rest.
      if (view.is !== "ready") view = answer;
    } else if (answer.value === undefined) {
      view = { is: "missing" };
    } else {
      view = { is: "ready", facts: answer.value.facts };
      takePage(answer.value.page);
      const waiting = early;
      early = [];
      for (const event of waiting) apply(event);
    }
    onChange();
  };

  const mendHoles = (): void => {
    if (timeline.holes.length === 0 || holeTimer !== undefined) return;
    holeTimer = setTimeout(() => {
      holeTimer = undefined;
      if (timeline.holes.length > 0 && !stopped) void load();
    }, HOLE_PATIENCE_MS);
  };

  const add = (message: StoredMessage): void => {
    timeline.add(message);
    mendHoles();
  };
  const setFacts = (change: Partial<RoomFacts>): void => {
    if (view.is === "ready") view = { is: "ready", facts: { ...view.facts, ...change } };
  };

  const apply = (event: LiveEvent): void => {
    if (view.is !== "ready") {
      early.push(event);
      return;
    }
    if (!("conversationId" in event) || event.conversationId !== view.facts.id) return;
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
          setFacts({ memberCount: event.conversation.memberCount });
        if (event.membership.user.id === viewerId) void load();
        break;
      case "MemberLeft":
        setFacts({ memberCount: Math.max(0, view.facts.memberCount - 1) });
        if (event.user.id === viewerId) setFacts({ viewerMembership: null });
        break;
      case "RoomCreated":
        break;
    }
    onChange();
  };

  const loadOlder = async (): Promise<void> => {
    if (view.is !== "ready" || older.loading || top === undefined || !timeline.hasOlder) return;
    const from = top;
    older = { loading: true, problem: undefined };
    onChange();
    const answer = await source.older(view.facts.id, from);
    if (stopped) return;
    // The timeline may have begun anew meanwhile; then this page belongs to nothing.
    if (top === from && answer.is === "got") {
      top = answer.value.startCursor ?? top;
      timeline.addPage(answer.value);
    }
    older = { loading: false, problem: answer.is === "problem" ? answer.problem : undefined };
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
      if (view.is !== "ready" || message.conversationId !== view.facts.id) return;
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
