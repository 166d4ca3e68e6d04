import { builder } from "../../graphql/builder.ts";
import type { StreamEvent } from "../../log/event.ts";

/** A stream event of one type. */
export type EventOf<T extends StreamEvent["type"]> = Extract<StreamEvent, { type: T }>;

/** Returns the GraphQL type name of an event or signal: `MESSAGE_SENT` becomes `MessageSent`. */
export function typeNameOf(type: string): string {
  return type
    .split("_")
    .map((word) => `${word.slice(0, 1)}${word.slice(1).toLowerCase()}`)
    .join("");
}

export const EventInterface = builder.interfaceRef<StreamEvent>("Event").implement({
  description: "An event. Within a stream, cursors strictly increase.",
  resolveType: (event) => typeNameOf(event.type),
  fields: (t) => ({
    cursor: t.expose("position", {
      type: "Cursor",
      description:
        "Position of the stream at this event. Store it and pass it to `events(after:)` to resume there.",
    }),
    at: t.expose("at", { type: "DateTime", description: "Time of the event." }),
  }),
});

/** The description of an event's field `conversationId`. */
export const conversationIdField = {
  description: "Global id of its conversation.",
} as const;
