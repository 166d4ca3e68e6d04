import { builder } from "../../graphql/builder.ts";
import { globalId } from "../../graphql/node.ts";
import {
  conversationIdField,
  EventInterface,
  type EventOf,
} from "../event/event-interface.schema.ts";
import { NotificationSettingsType } from "./notification.schema.ts";

builder.objectRef<EventOf<"NOTIFICATIONS_CHANGED">>("NotificationsChanged").implement({
  description:
    "You want to be notified of something else in a conversation, said on one of your devices.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.conversationId),
    }),
    notifications: t.field({
      type: NotificationSettingsType,
      description: "What you are notified of from now on.",
      resolve: (event) => event.payload.settings,
    }),
  }),
});
