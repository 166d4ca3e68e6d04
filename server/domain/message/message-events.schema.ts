import { builder } from "../../graphql/builder.ts";
import { globalId } from "../../graphql/node.ts";
import {
  conversationIdField,
  EventInterface,
  typeNameOf,
  type EventOf,
} from "../event/event-interface.schema.ts";
import { UserType } from "../user/user.schema.ts";
import { MessageType } from "./message.schema.ts";

builder.objectRef<EventOf<"MESSAGE_SENT">>("MessageSent").implement({
  description: "Somebody said something.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.topic),
    }),
    message: t.field({
      type: MessageType,
      description: "What was said.",
      resolve: (event) => event.payload.message,
    }),
  }),
});

/** What all events about a change of a message have. */
type MessageChange = EventOf<
  | "MESSAGE_EDITED"
  | "MESSAGE_DELETED"
  | "MESSAGE_PINNED"
  | "MESSAGE_UNPINNED"
  | "REACTION_ADDED"
  | "REACTION_REMOVED"
>;

export const MessageChangeInterface = builder
  .interfaceRef<MessageChange>("MessageChange")
  .implement({
    description: "A message was changed: whatever it was, show the message as it is here.",
    interfaces: [EventInterface],
    resolveType: (event) => typeNameOf(event.type),
    fields: (t) => ({
      conversationId: t.id({
        ...conversationIdField,
        resolve: (event) => globalId("Conversation", event.topic),
      }),
      message: t.field({
        type: MessageType,
        description: "The message after the change; in a replay, as it is now.",
        resolve: (event) => event.payload.message,
      }),
    }),
  });

builder.objectRef<EventOf<"MESSAGE_EDITED">>("MessageEdited").implement({
  description: "The author changed what a message says.",
  interfaces: [EventInterface, MessageChangeInterface],
});
builder.objectRef<EventOf<"MESSAGE_DELETED">>("MessageDeleted").implement({
  description: "A message was deleted: its text is gone, an empty one stays in its place.",
  interfaces: [EventInterface, MessageChangeInterface],
  fields: (t) => ({
    lastSeq: t.int({
      description: "The conversation's `lastSeq` right after it.",
      resolve: (event) => event.payload.lastSeq,
    }),
    countedMessages: t.int({
      description:
        "The conversation's `countedMessages` right after it: tells whether what you count knows of it already.",
      resolve: (event) => event.payload.counted,
    }),
  }),
});
builder.objectRef<EventOf<"MESSAGE_PINNED">>("MessagePinned").implement({
  description: "A message was pinned.",
  interfaces: [EventInterface, MessageChangeInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "Who pinned it.",
      resolve: (event) => event.payload.user,
    }),
  }),
});
builder.objectRef<EventOf<"MESSAGE_UNPINNED">>("MessageUnpinned").implement({
  description: "The pin was taken off a message.",
  interfaces: [EventInterface, MessageChangeInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "Who took it off.",
      resolve: (event) => event.payload.user,
    }),
  }),
});
