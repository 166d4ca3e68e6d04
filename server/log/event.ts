import type { Position } from "../kernel/cursor.ts";

/** A user and a topic that the user gains or loses. */
export type TopicChange = readonly [userId: string, topic: string];

/** Users who gain or lose topics from this event on, the event included. */
export interface AuthorityChange {
  grant?: readonly TopicChange[];
  revoke?: readonly TopicChange[];
}

/** Position and time of an event in the log. */
export interface Place {
  position: Position;
  at: Date;
}

/** An event before it has a place in the log. Its definition creates it. */
export interface NewEvent<Type extends string = string, Payload extends object = object> {
  type: Type;
  /**
   * A conversation's id (its members receive the event), a user's id (only that user), the topic of a
   * user's feed (the user and the followers), or NIL_UUID (all users).
   */
  topic: string;
  payload: Payload;
  authority?: AuthorityChange;
}

/** An event that has its place, without the row that it refers to. */
export type PlacedEvent = NewEvent & Place;

/** An event with all data that its GraphQL type exposes. */
export interface LogEvent<Type extends string = string, Payload extends object = object>
  extends NewEvent<Type, Payload>, Place {}

/** Events that a stream creates; they have no place of their own in the log. */
export type ControlEvent =
  | { type: "READY"; position: Position; at: Date }
  | { type: "HEARTBEAT"; position: Position; at: Date }
  | { type: "EVENT_GAP"; position: Position; at: Date; reason: GapReason };

export type GapReason = "TOO_LONG" | "EXPIRED" | "UNKNOWN_CURSOR";

export type StreamEvent = LogEvent | ControlEvent;

export function isControl(event: StreamEvent): event is ControlEvent {
  return event.type === "READY" || event.type === "HEARTBEAT" || event.type === "EVENT_GAP";
}
