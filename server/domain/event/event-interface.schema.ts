import { builder } from "../../graphql/builder.ts";
import type { StreamEvent } from "../../log/event.ts";

/** A stream's event of one type. */
export type EventOf<T extends StreamEvent["type"]> = Extract<StreamEvent, { type: T }>;

/** The GraphQL type of an event or a signal: `MESSAGE_SENT` is shown as `MessageSent`. */
export function typeNameOf(type: string): string {
  return type
    .split("_")
    .map((word) => `${word.slice(0, 1)}${word.slice(1).toLowerCase()}`)
    .join("");
}

export const EventInterface = builder.interfaceRef<StreamEvent>("Event").implement({
  description: "Something that happened. Within a stream, cursors strictly increase.",
  resolveType: (event) => typeNameOf(event.type),
  fields: (t) => ({
    cursor: t.expose("position", {
      type: "Cursor",
      description:
        "How far the stream is with this event: keep it, and pass it to `events(after:)` to go on from here.",
    }),
    at: t.expose("at", { type: "DateTime", description: "When it happened." }),
  }),
});

/** What the field `conversationId` of an event says of itself. */
export const conversationIdField = {
  description: "Global id of the conversation that it is about.",
} as const;
