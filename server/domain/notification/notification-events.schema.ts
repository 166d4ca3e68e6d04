import { eventType } from "../event/event-interface.schema.ts";
import { NotificationSettingsType } from "./notification.schema.ts";
import { notificationsChanged } from "./notification.events.ts";

eventType(notificationsChanged, {
  description: "Your notification settings for a conversation changed, on one of your devices.",
  fields: (t) => ({
    notifications: t.field({
      type: NotificationSettingsType,
      description: "Your new notification settings.",
      resolve: (event) => event.payload.settings,
    }),
  }),
});
