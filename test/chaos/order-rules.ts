import type { Facts } from "./facts.ts";
import type { Entry } from "./history.ts";

/** Yields events and messages that a client received more than once. */
export function* duplicates({ listeners }: Facts): Generator<string> {
  for (const { name, received } of listeners.values()) {
    const positions = new Set<number>();
    const messages = new Set<string>();
    for (const { position, type, message } of received) {
      const isMessage = type === "MessageSent" && message !== undefined;
      if (positions.has(position)) yield `${name} got the event at ${position} again`;
      else if (isMessage && messages.has(message)) yield `${name} got message ${message} again`;
      positions.add(position);
      if (isMessage) messages.add(message);
    }
  }
}

/** Yields clients whose position decreased, within a stream or from one to the next. */
export function* reversals({ listeners }: Facts): Generator<string> {
  for (const { name, moves } of listeners.values()) {
    let highest = -1;
    for (const { kind, position } of moves) {
      if (position < highest) yield `${name} was at ${highest}, then ${kind} at ${position}`;
      highest = Math.max(highest, position);
    }
  }
}

/**
 * Yields conflicts of order: one position with two events, one message at two positions, and message
 * numbers that differ from the log's order.
 */
export function* disorder(
  entries: readonly Entry[],
  { events, contradictions }: Facts,
): Generator<string> {
  yield* contradictions;
  const places = new Map<string, number>();
  const bySeq = new Map<string, { position: number; seq: number }[]>();
  for (const { type, message, position, conversation, seq } of events.values()) {
    if (type !== "MessageSent" || message === undefined) continue;
    const other = places.get(message);
    if (other !== undefined) yield `message ${message} stands at ${other} and at ${position}`;
    places.set(message, position);
    if (conversation === undefined || seq === undefined) continue;
    const list = bySeq.get(conversation) ?? [];
    list.push({ position, seq });
    bySeq.set(conversation, list);
  }
  for (const [conversation, list] of bySeq) {
    list.sort((a, b) => a.position - b.position);
    for (const [index, { position, seq }] of list.entries()) {
      const before = list[index - 1];
      if (before !== undefined && before.seq >= seq)
        yield `in ${conversation} number ${seq} stands at ${position}, behind ${before.seq} at ${before.position}`;
    }
  }
  for (const entry of entries) {
    if (entry.kind !== "acknowledged" || entry.position === undefined) continue;
    const position = places.get(entry.message);
    if (position !== undefined && position !== entry.position)
      yield `message ${entry.message} was acknowledged at ${entry.position} and delivered at ${position}`;
  }
}
