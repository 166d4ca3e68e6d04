import { builder } from "../../graphql/builder.ts";
import { globalId } from "../../graphql/node.ts";
import {
  conversationIdField,
  EventInterface,
  type EventOf,
} from "../event/event-interface.schema.ts";
import { NotificationSettingsType } from "./notification.schema.ts";

builder.objectRef<EventOf<"NOTIFICATIONS_CHANGED">>("NotificationsChanged").implement({
  description: "Your notification settings for a conversation changed, on one of your devices.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.conversationId),
    }),
    notifications: t.field({
      type: NotificationSettingsType,
      description: "Your new notification settings.",
      resolve: (event) => event.payload.settings,
    }),
  }),
});
