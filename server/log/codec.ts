import type { EventTypeName, LogEvent, NewEvent } from "./event.ts";
import { EVENT_TYPES } from "./event.ts";
import { withoutPeople } from "./people.ts";

const known = new Set<string>(EVENT_TYPES);

/** Whether this version of the server knows the type; a newer instance may already write others. */
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

/**
 * Makes times out of their texts in what was just parsed from JSON, in place: by convention every field of a
 * record that ends in "At" or "Until", and an event's own "at", is one. With a reviver of JSON.parse all of it
 * takes three times as long.
 */
export function reviveDates(value: unknown): unknown {
  if (Array.isArray(value)) for (const item of value) reviveDates(item);
  else if (typeof value === "object" && value !== null) {
    const fields = value as Record<string, unknown>;
    for (const key of Object.keys(fields)) {
      const field = fields[key];
      if (typeof field === "string") {
        if (isTime(key)) fields[key] = new Date(field);
      } else reviveDates(field);
    }
  }
  return value;
}

function isTime(key: string): boolean {
  return key === "at" || key.endsWith("At") || key.endsWith("Until");
}
