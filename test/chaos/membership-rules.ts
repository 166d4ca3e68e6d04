import { isForMembers, tenureKey, type Facts, type MergedEvent, type Listener } from "./facts.ts";
import type { Epoch, Tenure } from "./facts.ts";

/** A client that receives a message this soon after it was sent is live, not replaying. */
const PROMPT_MS = 250;
/**
 * A replay covers the conversations at its time. One that started this shortly before a request to rejoin
 * may have been running at the rejoin.
 */
const REPLAY_MS = 1_000;

/**
 * Yields events of conversations that a client did not receive although its user was a member. A user who
 * was offline at the removal does not receive earlier missed events afterwards.
 */
export function* missedEvents(facts: Facts): Generator<string> {
  const events = [...facts.events.values()]
    .filter(isForMembers)
    .toSorted((a, b) => a.position - b.position);
  for (const listener of facts.listeners.values()) {
    const first = [...listener.epochs.values()][0];
    if (first === undefined) continue;
    const has = new Set(listener.received.map(({ position }) => position));
    const end = listener.leftAt === null ? Infinity : (listener.moves.at(-1)?.position ?? 0);
    for (const event of events) {
      if (event.position <= first.position || event.position > end || has.has(event.position))
        continue;
      const tenures = facts.tenures.get(tenureKey(listener.person, event.conversation));
      const tenure = tenures?.find(
        ({ from, to }) => from <= event.position && event.position <= to,
      );
      if (tenure === undefined) continue;
      if (tenure.to < Infinity && !shouldHaveReceived(event, tenure, listener, facts)) continue;
      yield `${listener.name} misses ${event.type} ${event.message ?? ""} at ${event.position} of ${event.conversation}`;
    }
  }
}

/** Whether a stream should have contained an event although its user was removed later. */
function shouldHaveReceived(
  event: MergedEvent & { conversation: string },
  tenure: Tenure,
  { person, epochs }: Listener,
  facts: Facts,
): boolean {
  // The departing user receives a separate event, not the one for the others.
  if (event.type === "MemberLeft" && event.subject === person) return false;
  for (const epoch of epochs.values()) {
    if (epoch.position >= event.position) continue;
    // A stream delivers in order, so a client that received a later event must have received this one.
    const went = epoch.received.some(
      ({ conversation, position, subject, type }) =>
        conversation === event.conversation &&
        position > event.position &&
        position <= tenure.to &&
        !(type === "MemberLeft" && subject === person),
    );
    if (went || wasLive(epoch, event, tenure, person, facts)) return true;
  }
  return false;
}

/** Whether a stream was live before the removal was requested, and still the same at the event. */
function wasLive(
  { received }: Epoch,
  { position, conversation }: MergedEvent,
  { to, removingAt }: Tenure,
  person: string,
  { sentAt }: Facts,
): boolean {
  const receivedRemoval = received.some(
    (event) =>
      event.type === "MemberLeft" &&
      event.subject === person &&
      event.conversation === conversation &&
      event.position === to,
  );
  if (!receivedRemoval || removingAt === null) return false;
  return received.some((event) => {
    const sent = sentAt.get(event.clientId ?? "");
    const isPrompt = sent !== undefined && event.at - sent < PROMPT_MS;
    return isPrompt && event.at < removingAt && event.position < position;
  });
}

/** Yields events that a client received after its user, or its session, lost access. */
export function* trespasses(facts: Facts): Generator<string> {
  for (const listener of facts.listeners.values()) {
    const sessionEnd = facts.sessionEnds.get(listener.session) ?? Infinity;
    for (const entry of listener.received) {
      const { position, conversation, type } = entry;
      if (position > sessionEnd) {
        yield `${listener.name} got ${type} at ${position}; its session ended at ${sessionEnd}`;
      }
      if (conversation === undefined) continue;
      const event = facts.events.get(position);
      const toSelf = type === "MemberLeft" && entry.subject === listener.person;
      if (event === undefined || !(isForMembers(event) || toSelf)) continue;
      const tenures = facts.tenures.get(tenureKey(listener.person, conversation)) ?? [];
      const ended = tenures.findLastIndex(({ to }) => to < position);
      const last = tenures[ended];
      if (last === undefined) continue;
      const next = tenures[ended + 1];
      if (next !== undefined && next.from <= position) continue;
      const openedAt = listener.epochs.get(entry.epoch)?.openedAt ?? 0;
      const replayed =
        next !== undefined && last.rejoiningAt !== null && openedAt >= last.rejoiningAt - REPLAY_MS;
      if (replayed) continue;
      yield `${listener.name} got ${type} ${entry.message ?? ""} at ${position}; ${listener.person} was put out of ${conversation} at ${last.to}`;
    }
  }
}
