import type { FieldMap, InterfaceRef } from "@pothos/core";
import { builder, type BuilderTypes } from "../../graphql/builder.ts";
import { globalId } from "../../graphql/node.ts";
import type { EventDefinition } from "../../log/define-event.ts";
import type { ControlEvent, LogEvent, StreamEvent } from "../../log/event.ts";

export type ControlEventOf<T extends ControlEvent["type"]> = Extract<ControlEvent, { type: T }>;

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

/** The field `conversationId` of an event. */
export const conversationIdField = {
  description: "Global id of its conversation.",
} as const;

interface EventTypeOptions<Event extends LogEvent, Shape> {
  description: string;
  /** Interfaces besides `Event`. */
  interfaces?: readonly InterfaceRef<BuilderTypes, Shape>[];
  /** Fields besides `cursor`, `at` and `conversationId`. */
  fields?: (t: PothosSchemaTypes.ObjectFieldBuilder<BuilderTypes, Event>) => FieldMap;
}

const definedTypes: string[] = [];

/** The types of events that have a GraphQL type. Complete when all schema files are imported. */
export const eventTypes: readonly string[] = definedTypes;

/** Defines the GraphQL type of an event. An event about a conversation gets the field `conversationId`. */
export function eventType<Type extends string, Payload extends object, Shape>(
  definition: EventDefinition<Type, Payload> &
    (LogEvent<Type, Payload> extends Shape ? unknown : never),
  { description, interfaces = [], fields }: EventTypeOptions<LogEvent<Type, Payload>, Shape>,
): void {
  definedTypes.push(definition.type);
  const ref = builder.objectRef<LogEvent<Type, Payload>>(typeNameOf(definition.type));
  builder.objectType(ref, {
    description,
    // Pothos cannot check the interfaces of a generic type. The type of `definition` checks them instead.
    interfaces: () => [EventInterface, ...interfaces] as never[],
    fields: (t) => ({
      ...(definition.hasConversation && {
        conversationId: t.id({
          ...conversationIdField,
          resolve: (event) => globalId("Conversation", definition.conversationOf(event) ?? ""),
        }),
      }),
      ...fields?.(t),
    }),
  });
}
