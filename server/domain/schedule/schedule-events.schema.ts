import { builder } from "../../graphql/builder.ts";
import { globalId } from "../../graphql/node.ts";
import {
  conversationIdField,
  EventInterface,
  type EventOf,
} from "../event/event-interface.schema.ts";
import { ScheduledMessageType } from "./schedule.schema.ts";

builder.objectRef<EventOf<"SCHEDULED_MESSAGE_CHANGED">>("ScheduledMessageChanged").implement({
  description:
    "Your scheduled message was created, changed, cancelled or sent, or could not be sent. Only you receive this event.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.conversationId),
    }),
    scheduledMessageId: t.id({
      description: "Global id of the scheduled message.",
      resolve: (event) => globalId("ScheduledMessage", event.payload.scheduledId),
    }),
    scheduledMessage: t.field({
      type: ScheduledMessageType,
      nullable: true,
      description:
        "As it is when the event is sent; null when it was sent, as a message with the same `clientId`, or cancelled.",
      resolve: (event, _args, context) =>
        context.services.schedules.find(event.payload.scheduledId),
    }),
  }),
});
