import { cover, gaps, type Range } from "./coverage.ts";
import { makeListeners } from "./listeners.ts";
import { isNewer, type Versioned } from "./versions.ts";

/** What a timeline needs to know of a message; select whatever else is shown. */
export interface TimelineMessage extends Versioned {
  readonly id: string;
  /** Position in the conversation, from 1, without gaps. */
  readonly seq: number;
  readonly clientId?: string | null | undefined;
}

/** What a timeline needs to know of a message that is not sent yet. */
export interface TimelinePending {
  readonly clientId: string;
}

/**
 * One line of a timeline. Its `key` stays the same when an own pending message becomes a real one,
 * and the object itself stays the same as long as nothing about it changes.
 */
export type TimelineEntry<Message, Pending> =
  | { readonly kind: "message"; readonly key: string; readonly message: Message }
  | { readonly kind: "pending"; readonly key: string; readonly pending: Pending };

/** A page of history, as a messages connection answers it. */
export interface TimelinePage<Message> {
  readonly messages: readonly Message[];
  readonly hasPreviousPage: boolean;
}

export interface TimelineOptions<Message> {
  /** Whether the viewer wrote it: only then its `clientId` is one of the viewer's. */
  isOwn: (message: Message) => boolean;
}

/** The messages of one conversation, whichever way and in whichever order they come in. */
export interface Timeline<Message, Pending> {
  /** Messages by `seq`, then pending ones in the order of their sending. */
  readonly entries: readonly TimelineEntry<Message, Pending>[];
  /** Messages that exist and are missing between the loaded ones or below them: fetch them. */
  readonly holes: readonly Range[];
  /** Whether there are messages above the first one. */
  readonly hasOlder: boolean;
  /** The lowest and the highest `seq` that are loaded; undefined without messages. */
  readonly loaded: Range | undefined;
  /** Adds a page of history. */
  addPage(page: TimelinePage<Message>): void;
  /** Adds one message, or replaces it by a newer version of itself. */
  add(message: Message): void;
  /**
   * Takes over a message that was changed, as the events that are a `MessageChange` tell it. One that
   * is not loaded stays so, but a page that still has its former text will not show that.
   */
  update(message: Message): void;
  /** Tells that the conversation has messages up to this `seq`, so that missing ones are noticed. */
  expect(lastSeq: number): void;
  /** Replaces the pending messages; those that have arrived in the meantime are left out. */
  setPending(pending: readonly Pending[]): void;
  /** Forgets all messages, not the pending ones. */
  clear(): void;
  /** Calls the listener after each change; the returned function ends that. */
  subscribe: (listener: () => void) => () => void;
}

/** Makes an empty timeline. */
export function makeTimeline<
  Message extends TimelineMessage,
  Pending extends TimelinePending = TimelinePending,
>({ isOwn }: TimelineOptions<Message>): Timeline<Message, Pending> {
  type Entry = TimelineEntry<Message, Pending>;
  const listeners = makeListeners();
  /** Invariant: sorted by `seq`, one entry for each. */
  let sent: Extract<Entry, { kind: "message" }>[] = [];
  let pending: Extract<Entry, { kind: "pending" }>[] = [];
  /** What was asked for or came in live: a `seq` in here without a message does not exist. */
  let covered: Range[] = [];
  let expected = 0;
  let startReached = false;
  /** Client ids of own messages that have arrived. */
  const arrived = new Set<string>();
  /** Changed messages that were not loaded when they changed; a page with them may be on its way. */
  const changedUnseen = new Map<string, Message>();
  let entries: Entry[] | undefined;

  function changed(): void {
    entries = undefined;
    listeners.notify();
  }

  function insert(candidate: Message): void {
    const at = position(candidate.seq);
    const present = sent[at];
    const known =
      present?.message.seq === candidate.seq ? present.message : changedUnseen.get(candidate.id);
    changedUnseen.delete(candidate.id);
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

  /** Index of the first entry that is not before `seq`; looked for from the end, where news are. */
  function position(seq: number): number {
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
      changed();
    },
    add(message) {
      insert(message);
      covered = cover(covered, { first: message.seq, last: message.seq });
      expected = Math.max(expected, message.seq);
      changed();
    },
    update(message) {
      if (sent[position(message.seq)]?.message.seq === message.seq) {
        insert(message);
        changed();
      } else changedUnseen.set(message.id, message);
    },
    expect(lastSeq) {
      if (lastSeq <= expected) return;
      expected = lastSeq;
      changed();
    },
    setPending(next) {
      const known = new Map(pending.map((entry) => [entry.pending, entry]));
      pending = next
        .filter((item) => !arrived.has(item.clientId))
        .map((item) => known.get(item) ?? { kind: "pending", key: item.clientId, pending: item });
      changed();
    },
    clear() {
      sent = [];
      changedUnseen.clear();
      covered = [];
      expected = 0;
      startReached = false;
      changed();
    },
    subscribe: listeners.subscribe,
  };
}
