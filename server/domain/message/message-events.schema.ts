import { builder } from "../../graphql/builder.ts";
import { globalId } from "../../graphql/node.ts";
import type { LogEvent } from "../../log/event.ts";
import {
  conversationIdField,
  EventInterface,
  eventType,
  typeNameOf,
} from "../event/event-interface.schema.ts";
import { UserType } from "../user/user.schema.ts";
import { MessageType } from "./message.schema.ts";
import type { MessageRecord } from "./message.record.ts";
import {
  messageDeleted,
  messageEdited,
  messagePinned,
  messageSent,
  messageUnpinned,
} from "./message.events.ts";

eventType(messageSent, {
  description: "A message was sent.",
  fields: (t) => ({
    message: t.field({
      type: MessageType,
      description: "The message.",
      resolve: (event) => event.payload.message,
    }),
  }),
});

type MessageChange = LogEvent<string, { message: MessageRecord }>;

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
        description: "The message after the change. A replay returns its current state.",
        resolve: (event) => event.payload.message,
      }),
    }),
  });

eventType(messageEdited, {
  description: "The author edited a message.",
  interfaces: [MessageChangeInterface],
});
eventType(messageDeleted, {
  description: "A message was deleted. An empty message remains.",
  interfaces: [MessageChangeInterface],
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
eventType(messagePinned, {
  description: "A message was pinned.",
  interfaces: [MessageChangeInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "The user who pinned it.",
      resolve: (event) => event.payload.user,
    }),
  }),
});
eventType(messageUnpinned, {
  description: "A message was unpinned.",
  interfaces: [MessageChangeInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "The user who unpinned it.",
      resolve: (event) => event.payload.user,
    }),
  }),
});
