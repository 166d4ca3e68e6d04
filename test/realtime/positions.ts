import { decodeCursor, encodeCursor } from "../../server/kernel/cursor.ts";
import type { TestDatabase } from "../kit/database.ts";

/** The common fields of all events. */
export interface ReceivedEvent {
  readonly __typename: string;
  readonly cursor: string;
}

/** A message in an event. */
export interface ReceivedMessage extends ReceivedEvent {
  readonly __typename: "MessageSent";
  readonly message: { readonly body: string };
}

/** A message in the log. */
export interface Logged {
  position: number;
  body: string;
  /** The slug of its room. */
  slug: string;
}

/** Returns the log position of a cursor. @throws for an invalid cursor */
export function positionOf(cursor: string): number {
  const position = decodeCursor(cursor);
  if (position === null) throw new Error(`not a cursor: ${cursor}`);
  return position;
}

/** Returns a cursor at a distance from another. */
export function cursorBeside(cursor: string, places: number): string {
  return encodeCursor(positionOf(cursor) + places);
}

/** Reads all messages in log order from the database. */
export function loggedMessages(database: TestDatabase): Promise<Logged[]> {
  return database.query<Logged>(
    `SELECT e.position::int AS position, m.body, r.slug
     FROM "Event" e JOIN "Message" m ON m.id = e."messageId"
     JOIN "Room" r ON r."conversationId" = m."conversationId"
     ORDER BY e.position`,
  );
}

export function isMessage(event: ReceivedEvent): event is ReceivedMessage {
  return event.__typename === "MessageSent";
}

/** Whether an event is a control event, which is not in the log. */
export function isControl(event: ReceivedEvent): boolean {
  return ["Ready", "Heartbeat", "EventGap"].includes(event.__typename);
}

/** Returns the log positions of a client's durable events, in order of arrival. */
export function durablePositions(events: readonly ReceivedEvent[]): number[] {
  return events.filter((event) => !isControl(event)).map((event) => positionOf(event.cursor));
}

/** Returns the places where a list does not strictly increase: empty without duplicates and disorder. */
export function disorder(positions: readonly number[]): string[] {
  return positions.flatMap((position, index) => {
    const before = positions[index - 1];
    return before !== undefined && before >= position ? [`${before} then ${position}`] : [];
  });
}
