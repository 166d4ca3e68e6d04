import type { Entry, ObservedEvent } from "./history.ts";

type Of<Kind extends Entry["kind"]> = Extract<Entry, { kind: Kind }>;

/** One uninterrupted stream of a client. */
export interface Epoch {
  openedAt: number;
  /** The client has received everything up to here. */
  position: number;
  received: Of<"received">[];
}

/** A client and everything that it received. */
export interface Listener {
  name: string;
  person: string;
  session: string;
  arrivedAt: number;
  /** Time when the client stopped; null for clients that listened to the end. */
  leftAt: number | null;
  epochs: Map<number, Epoch>;
  received: Of<"received">[];
  /** Everything that moves a cursor, in order: events, heartbeats, starts. */
  moves: (Of<"received"> | Of<"quiet"> | Of<"opened">)[];
}

/** The log positions between which a user is a member. */
export interface Tenure {
  from: number;
  to: number;
  /** When the removal was requested, and when the user asked to rejoin; null without such a request. */
  removingAt: number | null;
  rejoiningAt: number | null;
}

/** An event, merged from all reports of it. */
export interface MergedEvent extends ObservedEvent {
  /** The clients that received it. */
  receivedBy: Set<string>;
  /** Its topic in the log. */
  topic: string | null;
}

/** The facts derived from a history before any judgement. */
export interface Facts {
  listeners: Map<string, Listener>;
  /** The first report of each log position; conflicting ones are in `contradictions`. */
  events: Map<number, MergedEvent>;
  contradictions: string[];
  /** Memberships of each user in each conversation, by `tenureKey`. */
  tenures: Map<string, Tenure[]>;
  /** The log position of each session's end. */
  sessionEnds: Map<string, number>;
  /** Time of the first attempt to send with each client id. */
  sentAt: Map<string, number>;
}

/** Events of a conversation for its members, by their API names. */
const IN_CONVERSATION: ReadonlySet<string> = new Set([
  "MessageSent",
  "MessageEdited",
  "MessageDeleted",
  "MessagePinned",
  "MessageUnpinned",
  "ReactionAdded",
  "ReactionRemoved",
  "MemberJoined",
  "MemberLeft",
  "MembershipChanged",
]);

export function tenureKey(person: string, conversation: string): string {
  return `${person} in ${conversation}`;
}

/** Whether an event is for the members of a conversation; a departing user receives a separate event. */
export function isForMembers(event: MergedEvent): event is MergedEvent & { conversation: string } {
  if (event.conversation === undefined || !IN_CONVERSATION.has(event.type)) return false;
  if (event.topic !== null) return event.topic === event.conversation;
  return event.type !== "MemberLeft" || [...event.receivedBy].some((who) => who !== event.subject);
}

/** Whether two reports describe the same event. */
function agree(one: ObservedEvent, other: ObservedEvent): boolean {
  return (
    one.type === other.type &&
    one.conversation === other.conversation &&
    one.message === other.message &&
    (one.type !== "MessageSent" || (one.seq === other.seq && one.clientId === other.clientId)) &&
    one.subject === other.subject &&
    one.session === other.session
  );
}

/** Derives the facts from a history. */
export function gatherFacts(entries: readonly Entry[]): Facts {
  const facts: Facts = {
    listeners: new Map(),
    events: new Map(),
    contradictions: [],
    tenures: new Map(),
    sessionEnds: new Map(),
    sentAt: new Map(),
  };
  const report = (observed: ObservedEvent, observer: string): MergedEvent => {
    const merged = facts.events.get(observed.position);
    if (merged === undefined) {
      const fresh: MergedEvent = { ...observed, receivedBy: new Set(), topic: null };
      facts.events.set(observed.position, fresh);
      return fresh;
    }
    if (!agree(merged, observed)) {
      facts.contradictions.push(
        `${observer} has ${observed.type} ${observed.message ?? ""} at ${observed.position}, others ${merged.type} ${merged.message ?? ""}`,
      );
    }
    return merged;
  };
  for (const entry of entries) {
    switch (entry.kind) {
      case "arrived":
        facts.listeners.set(entry.client, {
          name: entry.client,
          person: entry.person,
          session: entry.session,
          arrivedAt: entry.at,
          leftAt: null,
          epochs: new Map(),
          received: [],
          moves: [],
        });
        break;
      case "left":
        listenerOf(facts, entry.client).leftAt = entry.at;
        break;
      case "opened": {
        const listener = listenerOf(facts, entry.client);
        const { position } = entry;
        listener.epochs.set(entry.epoch, { openedAt: entry.at, position, received: [] });
        listener.moves.push(entry);
        break;
      }
      case "received": {
        const listener = listenerOf(facts, entry.client);
        listener.received.push(entry);
        listener.moves.push(entry);
        listener.epochs.get(entry.epoch)?.received.push(entry);
        report(entry, entry.client).receivedBy.add(listener.person);
        break;
      }
      case "quiet":
        listenerOf(facts, entry.client).moves.push(entry);
        break;
      case "sent":
        if (!facts.sentAt.has(entry.clientId)) facts.sentAt.set(entry.clientId, entry.at);
        break;
      case "logged":
        report(entry, "the log").topic = entry.topic;
        break;
      default:
    }
  }
  for (const { type, session, position } of facts.events.values()) {
    if (type === "SessionEnded" && session !== undefined) facts.sessionEnds.set(session, position);
  }
  facts.tenures = tenuresOf(entries, facts.events);
  return facts;
}

function listenerOf(facts: Facts, name: string): Listener {
  const listener = facts.listeners.get(name);
  if (listener === undefined) throw new Error(`the history has no arrival of ${name}`);
  return listener;
}

function tenuresOf(
  entries: readonly Entry[],
  events: ReadonlyMap<number, MergedEvent>,
): Map<string, Tenure[]> {
  const changes = new Map<string, { position: number; joins: boolean }[]>();
  const change = (who: string, conversation: string, position: number, joins: boolean): void => {
    const key = tenureKey(who, conversation);
    const list = changes.get(key);
    if (list === undefined) changes.set(key, [{ position, joins }]);
    else list.push({ position, joins });
  };
  const removing = new Map<string, number[]>();
  const rejoining = new Map<string, number[]>();
  for (const entry of entries) {
    if (entry.kind === "member") change(entry.person, entry.conversation, entry.position, true);
    if (entry.kind !== "removing" && entry.kind !== "rejoining") continue;
    const times = entry.kind === "removing" ? removing : rejoining;
    const key = tenureKey(entry.person, entry.conversation);
    times.set(key, [...(times.get(key) ?? []), entry.at]);
  }
  for (const { type, subject, conversation, position } of events.values()) {
    if (subject === undefined || conversation === undefined) continue;
    if (type === "MemberJoined") change(subject, conversation, position, true);
    if (type === "MemberLeft") change(subject, conversation, position, false);
  }
  const tenures = new Map<string, Tenure[]>();
  for (const [key, list] of changes) {
    const own: Tenure[] = [];
    for (const { position, joins } of list.toSorted((a, b) => a.position - b.position)) {
      const last = own.at(-1);
      const isIn = last?.to === Infinity;
      if (joins && !isIn) {
        own.push({ from: position, to: Infinity, removingAt: null, rejoiningAt: null });
      } else if (!joins && isIn) {
        // A departure has two events, the first for the departing user, whose access ends there.
        last.to = position;
        last.removingAt = removing.get(key)?.[own.length - 1] ?? null;
        last.rejoiningAt = rejoining.get(key)?.[own.length - 1] ?? null;
      }
    }
    tenures.set(key, own);
  }
  return tenures;
}
