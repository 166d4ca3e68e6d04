import { decodeCursor, encodeCursor } from "../../server/kernel/cursor.ts";
import type { TestDatabase } from "../kit/database.ts";

/** What every event has, whatever asked for it. */
export interface Heard {
  readonly __typename: string;
  readonly cursor: string;
}

/** A message as an event tells of it. */
export interface HeardMessage extends Heard {
  readonly __typename: "MessageSent";
  readonly message: { readonly body: string };
}

/** A message as the log has it. */
export interface Logged {
  position: number;
  body: string;
  /** The address of the room that it stands in. */
  slug: string;
}

/** The place in the log behind a cursor. @throws when it is not a cursor */
export function positionOf(cursor: string): number {
  const position = decodeCursor(cursor);
  if (position === null) throw new Error(`not a cursor: ${cursor}`);
  return position;
}

/** A cursor that differs from another by so many places. */
export function cursorBeside(cursor: string, places: number): string {
  return encodeCursor(positionOf(cursor) + places);
}

/** All messages in the order of the log, read past the server. */
export function loggedMessages(database: TestDatabase): Promise<Logged[]> {
  return database.query<Logged>(
    `SELECT e.position::int AS position, m.body, r.slug
     FROM "Event" e JOIN "Message" m ON m.id = e."messageId"
     JOIN "Room" r ON r."conversationId" = m."conversationId"
     ORDER BY e.position`,
  );
}

export function isMessage(event: Heard): event is HeardMessage {
  return event.__typename === "MessageSent";
}

/** What streams say of themselves; it has no place of its own in the log. */
export function isControl(event: Heard): boolean {
  return ["Ready", "Heartbeat", "EventGap"].includes(event.__typename);
}

/** The places of the durable events among those of a client, in the order of arrival. */
export function durablePositions(events: readonly Heard[]): number[] {
  return events.filter((event) => !isControl(event)).map((event) => positionOf(event.cursor));
}

/** The places where a list does not strictly increase: empty when nothing is doubled or out of order. */
export function disorder(positions: readonly number[]): string[] {
  return positions.flatMap((position, index) => {
    const before = positions[index - 1];
    return before !== undefined && before >= position ? [`${before} then ${position}`] : [];
  });
}
