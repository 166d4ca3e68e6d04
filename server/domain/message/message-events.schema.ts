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
  description: "A message was sent.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.topic),
    }),
    message: t.field({
      type: MessageType,
      description: "The message.",
      resolve: (event) => event.payload.message,
    }),
  }),
});

/** Common to all events about a change of a message. */
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
    description: "A message was changed. Replace it with the message in this event.",
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
  description: "The author edited a message.",
  interfaces: [EventInterface, MessageChangeInterface],
});
builder.objectRef<EventOf<"MESSAGE_DELETED">>("MessageDeleted").implement({
  description: "A message was deleted. Its text is gone, and an empty message remains.",
  interfaces: [EventInterface, MessageChangeInterface],
  fields: (t) => ({
    lastSeq: t.int({
      description: "The conversation's `lastSeq` directly after the deletion.",
      resolve: (event) => event.payload.lastSeq,
    }),
    countedMessages: t.int({
      description:
        "The conversation's `countedMessages` directly after the deletion. It shows whether your count already includes it.",
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
      description: "The user who pinned it.",
      resolve: (event) => event.payload.user,
    }),
  }),
});
builder.objectRef<EventOf<"MESSAGE_UNPINNED">>("MessageUnpinned").implement({
  description: "A message was unpinned.",
  interfaces: [EventInterface, MessageChangeInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "The user who unpinned it.",
      resolve: (event) => event.payload.user,
    }),
  }),
});
