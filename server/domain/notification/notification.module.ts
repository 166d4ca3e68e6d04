import type DataLoader from "dataloader";
import { viewerLoader } from "../../graphql/loaders.ts";
import { notificationEvents } from "./notification.events.ts";
import type { NotificationRecord } from "./notification.record.ts";
import { defineModule, type Needs } from "../../module.ts";
import { makeNotificationService, type NotificationService } from "./notification.service.ts";
import { makeNotificationStore } from "./notification.store.ts";
import "./notification.schema.ts";
import "./notification-events.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    notifications: NotificationService;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** The viewer's notification settings, by conversation. */
    notifications: DataLoader<string, NotificationRecord | null>;
  }
}

export const notificationModule = defineModule({
  name: "notification",
  events: notificationEvents,
  loaders: {
    notifications: viewerLoader<NotificationRecord | null>(
      (userId, ids, { services }) => services.notifications.settings(userId, ids),
      null,
    ),
  },
  create: ({ database, log, clock, conversations }: Needs<"conversations">) => ({
    services: {
      notifications: makeNotificationService({
        store: makeNotificationStore(database),
        conversations,
        log,
        clock,
      }),
    },
  }),
});
