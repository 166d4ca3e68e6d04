import { defineEvent, shape } from "../../log/define-event.ts";
import type { NotificationRecord } from "./notification.record.ts";

/** For the user of the settings. */
export const notificationsChanged = defineEvent({
  type: "NOTIFICATIONS_CHANGED",
  payload: shape<{ conversationId: string; settings: NotificationRecord }>(),
  conversationOf: ({ payload }) => payload.conversationId,
});

export const notificationEvents = [notificationsChanged];
