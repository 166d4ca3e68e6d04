import type { Facts } from "./facts.ts";
import type { Entry } from "./history.ts";

type Of<Kind extends Entry["kind"]> = Extract<Entry, { kind: Kind }>;

function of<Kind extends Entry["kind"]>(entries: readonly Entry[], kind: Kind): Of<Kind>[] {
  return entries.filter((entry): entry is Of<Kind> => entry.kind === kind);
}

/** Yields acknowledged changes that are missing in the log, or in a complete later history. */
export function* lostWrites(entries: readonly Entry[], facts: Facts): Generator<string> {
  const acknowledged = of(entries, "acknowledged");
  const logged = of(entries, "logged");
  if (logged.length > 0) {
    const messages = new Set(
      logged.flatMap(({ type, message }) =>
        type === "MessageSent" && message !== undefined ? [message] : [],
      ),
    );
    for (const { message, client } of acknowledged) {
      if (!messages.has(message)) yield `the log lacks message ${message} of ${client}`;
    }
    const places = new Set(logged.map(({ position }) => position));
    for (const { position, person } of of(entries, "changed")) {
      if (!places.has(position)) yield `the log lacks a change of ${person}'s at ${position}`;
    }
    for (const { position, type } of facts.events.values()) {
      if (!places.has(position))
        yield `the log lacks ${type} at ${position}, which a client received`;
    }
  }
  for (const read of of(entries, "read").filter(({ whole }) => whole)) {
    const messages = new Set(read.messages.map(({ message }) => message));
    for (const { conversation, message, at } of acknowledged) {
      if (conversation === read.conversation && at < read.asked && !messages.has(message))
        yield `the history of ${conversation} on ${read.instance} lacks message ${message}`;
    }
  }
}

/** Yields reads that lack a change acknowledged before the request. */
export function* staleReads(entries: readonly Entry[]): Generator<string> {
  const bySeq = new Map<string, Map<number, Of<"acknowledged">>>();
  for (const entry of of(entries, "acknowledged")) {
    const known = bySeq.get(entry.conversation) ?? new Map<number, Of<"acknowledged">>();
    const earlier = known.get(entry.seq);
    if (earlier === undefined) known.set(entry.seq, entry);
    bySeq.set(entry.conversation, known);
  }
  for (const read of of(entries, "read")) {
    if (read.whole) continue;
    const oldest = Math.min(...read.messages.map(({ seq }) => seq));
    const shown = new Set(read.messages.map(({ message }) => message));
    for (const { seq, at, message } of bySeq.get(read.conversation)?.values() ?? []) {
      if (at >= read.asked) continue;
      const what = `message ${message}, number ${seq} of ${read.conversation}`;
      if (seq > read.lastSeq)
        yield `${read.instance} said that the last number is ${read.lastSeq}; it had ${what}`;
      else if (seq >= oldest && !shown.has(message))
        yield `${read.instance} answered ${read.person} a page without ${what}`;
    }
  }
}

/** Yields client ids with more than one message. */
export function* secondResults(entries: readonly Entry[], facts: Facts): Generator<string> {
  const results = new Map<string, string>();
  const messages: { clientId?: string | null; message?: string }[] = [
    ...of(entries, "acknowledged"),
    ...[...facts.events.values()].filter(({ type }) => type === "MessageSent"),
    ...of(entries, "read").flatMap((read) => read.messages),
  ];
  for (const { clientId, message } of messages) {
    if (clientId === undefined || clientId === null || message === undefined) continue;
    const first = results.get(clientId);
    if (first === undefined) results.set(clientId, message);
    else if (first !== message) yield `${clientId} led to message ${first} and to ${message}`;
  }
}

export function* wrongCounts(entries: readonly Entry[]): Generator<string> {
  for (const { person, conversation, kept, recounted } of of(entries, "unread")) {
    if (kept !== recounted)
      yield `${person} has ${kept} unread in ${conversation}; counted anew it is ${recounted}`;
  }
}

/**
 * Yields users who appear online although all their clients have been gone for longer than the grace
 * period.
 */
export function* ghosts(
  entries: readonly Entry[],
  { listeners }: Facts,
  graceMs: number,
): Generator<string> {
  for (const { person, instance, asked, at, status } of of(entries, "seen")) {
    if (status === "OFFLINE") continue;
    const wasThere = [...listeners.values()].some(
      (listener) =>
        listener.person === person &&
        listener.arrivedAt <= at &&
        (listener.leftAt === null || listener.leftAt >= asked - graceMs),
    );
    if (!wasThere) yield `${instance} says that ${person} is ${status} at ${asked}`;
  }
}
