import type DataLoader from "dataloader";
import { viewerLoader } from "../../graphql/loaders.ts";
import type { NotificationRecord } from "../../log/records.ts";
import { defineModule } from "../../module.ts";
import type { NotificationService } from "./notification.service.ts";
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
  loaders: {
    notifications: viewerLoader<NotificationRecord | null>(
      (userId, ids, { services }) => services.notifications.settings(userId, ids),
      null,
    ),
  },
});
