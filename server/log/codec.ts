import { reviveDates } from "../kernel/json.ts";
import type { EventTypeName, LogEvent, NewEvent } from "./event.ts";
import { EVENT_TYPES } from "./event.ts";
import { withoutPeople } from "./people.ts";

const known = new Set<string>(EVENT_TYPES);

/** Whether this version knows the type; a newer instance may already write others. */
export function isEventType(type: string): type is EventTypeName {
  return known.has(type);
}

/** All events of one publication as one string. */
export function encodeBatch(events: readonly LogEvent[]): string {
  return JSON.stringify(events);
}

/** The reverse of `encodeBatch`. Types that this version does not know stay in, to keep positions whole. */
export function decodeBatch(text: string): LogEvent[] {
  return reviveDates(JSON.parse(text)) as LogEvent[];
}

/**
 * What the `Event` table stores of a payload. Messages and people are only named: a text and a name live
 * in their own row alone, so that what is deleted there is gone from replays too.
 */
export function storedPayload(event: NewEvent): { messageId: string | null; payload: unknown } {
  if (!("messageId" in event.payload))
    return { messageId: null, payload: withoutPeople(event.payload) };
  const { messageId, ...rest } = event.payload;
  return { messageId, payload: Object.keys(rest).length === 0 ? null : withoutPeople(rest) };
}

/** The post that a stored payload names, of which the rest is to be loaded; null where it names none. */
export function namedPost(type: string, payload: unknown): string | null {
  // Other types may name a post as well, but there the id is all that is told of it.
  if (type !== "POST_PUBLISHED") return null;
  return (payload as { postId: string }).postId;
}
