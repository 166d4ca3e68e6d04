import { cover, gaps, type Range } from "./coverage.ts";
import { makeListeners } from "./listeners.ts";
import { isNewer, type Versioned } from "./versions.ts";

/** The message fields that a timeline needs. Select any other fields you display. */
export interface TimelineMessage extends Versioned {
  readonly id: string;
  /** Position in the conversation, from 1, without gaps. */
  readonly seq: number;
  /** The `clientId` it was sent with, if any. */
  readonly clientId?: string | null | undefined;
}

/** The fields that a timeline needs of an unsent message. */
export interface TimelinePending {
  readonly clientId: string;
}

/**
 * One entry of a timeline. Its `key` stays the same when a pending message becomes a sent one. The
 * object stays the same until its content changes.
 */
export type TimelineEntry<Message, Pending> =
  | { readonly kind: "message"; readonly key: string; readonly message: Message }
  | { readonly kind: "pending"; readonly key: string; readonly pending: Pending };

/** A page of history from a `messages` connection. */
export interface TimelinePage<Message> {
  /** Oldest first. */
  readonly messages: readonly Message[];
  /** Whether older messages exist before this page. */
  readonly hasPreviousPage: boolean;
}

export interface TimelineOptions<Message> {
  /**
   * Whether the viewer wrote the message. Only then does its `clientId` match a pending message.
   */
  isOwn: (message: Message) => boolean;
}

/** The messages of one conversation, from any source and in any order of arrival. */
export interface Timeline<Message, Pending> {
  /** Sent messages by `seq`, then pending messages in sending order. */
  readonly entries: readonly TimelineEntry<Message, Pending>[];
  /** Ranges of `seq` between or after the loaded messages that are not loaded. Fetch them. */
  readonly holes: readonly Range[];
  /** Whether older messages exist before the first loaded one. */
  readonly hasOlder: boolean;
  /** The lowest and highest loaded `seq`; undefined if nothing is loaded. */
  readonly loaded: Range | undefined;
  addPage(page: TimelinePage<Message>): void;
  /** Adds a message, or replaces an older version of it. */
  add(message: Message): void;
  /**
   * Applies a changed message from a `MessageChange` event. If the message is not loaded, it stays
   * so. A page that later loads its old text shows the new text.
   */
  update(message: Message): void;
  /** Records that messages exist up to this `seq`, so that missing ones appear in `holes`. */
  expect(lastSeq: number): void;
  /** Replaces the pending messages, except those already sent. */
  setPending(pending: readonly Pending[]): void;
  /** Removes all sent messages and keeps the pending ones. */
  clear(): void;
  /** Calls the listener after each change. Returns a function that unsubscribes it. */
  subscribe: (listener: () => void) => () => void;
}

/** Creates an empty timeline. */
export function makeTimeline<
  Message extends TimelineMessage,
  Pending extends TimelinePending = TimelinePending,
>({ isOwn }: TimelineOptions<Message>): Timeline<Message, Pending> {
  type Entry = TimelineEntry<Message, Pending>;
  const listeners = makeListeners();
  /** Invariant: sorted by `seq`, one entry per `seq`. */
  let sent: Extract<Entry, { kind: "message" }>[] = [];
  let pending: Extract<Entry, { kind: "pending" }>[] = [];
  /**
   * Ranges that were fetched or received live. A `seq` in them without a message does not exist.
   */
  let covered: Range[] = [];
  let expected = 0;
  let startReached = false;
  /** Client ids of the viewer's messages that arrived. */
  const arrived = new Set<string>();
  /** Changed messages that were not loaded. A page with their old version may still arrive. */
  const unloadedChanges = new Map<string, Message>();
  let entries: Entry[] | undefined;

  function notifyChange(): void {
    entries = undefined;
    listeners.notify();
  }

  function insert(candidate: Message): void {
    const at = indexOf(candidate.seq);
    const present = sent[at];
    const known =
      present?.message.seq === candidate.seq ? present.message : unloadedChanges.get(candidate.id);
    unloadedChanges.delete(candidate.id);
    const message = known !== undefined && isNewer(known, candidate) ? known : candidate;
    const own = isOwn(message) ? message.clientId : undefined;
    if (typeof own === "string") {
      arrived.add(own);
      pending = pending.filter((entry) => entry.key !== own);
    }
    const entry = { kind: "message", key: own ?? message.id, message } as const;
    if (present?.message === message) return;
    sent.splice(at, present?.message.seq === message.seq ? 1 : 0, entry);
  }

  /**
   * Index of the first entry whose `seq` is not lower. Searches from the end, where new messages
   * belong.
   */
  function indexOf(seq: number): number {
    let at = sent.length;
    while (at > 0 && (sent[at - 1]?.message.seq ?? 0) >= seq) at -= 1;
    return at;
  }

  return {
    get entries() {
      entries ??= [...sent, ...pending];
      return entries;
    },
    get holes() {
      return gaps(covered, expected);
    },
    get hasOlder() {
      const first = covered[0]?.first ?? expected + 1;
      return !startReached && first > 1;
    },
    get loaded() {
      const first = sent[0]?.message.seq;
      const last = sent.at(-1)?.message.seq;
      return first === undefined || last === undefined ? undefined : { first, last };
    },
    addPage({ messages, hasPreviousPage }) {
      for (const message of messages) insert(message);
      const first = messages[0]?.seq;
      const last = messages.at(-1)?.seq;
      if (first !== undefined && last !== undefined) {
        covered = cover(covered, { first, last });
        expected = Math.max(expected, last);
      }
      if (!hasPreviousPage && (first ?? 1) <= (covered[0]?.first ?? 1)) startReached = true;
      notifyChange();
    },
    add(message) {
      insert(message);
      covered = cover(covered, { first: message.seq, last: message.seq });
      expected = Math.max(expected, message.seq);
      notifyChange();
    },
    update(message) {
      if (sent[indexOf(message.seq)]?.message.seq === message.seq) {
        insert(message);
        notifyChange();
      } else unloadedChanges.set(message.id, message);
    },
    expect(lastSeq) {
      if (lastSeq <= expected) return;
      expected = lastSeq;
      notifyChange();
    },
    setPending(next) {
      const known = new Map(pending.map((entry) => [entry.pending, entry]));
      pending = next
        .filter((item) => !arrived.has(item.clientId))
        .map((item) => known.get(item) ?? { kind: "pending", key: item.clientId, pending: item });
      notifyChange();
    },
    clear() {
      sent = [];
      unloadedChanges.clear();
      covered = [];
      expected = 0;
      startReached = false;
      notifyChange();
    },
    subscribe: listeners.subscribe,
  };
}
