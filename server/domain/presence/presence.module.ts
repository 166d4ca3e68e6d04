import type DataLoader from "dataloader";
import { batchLoader } from "../../graphql/loaders.ts";
import { defineModule } from "../../module.ts";
import type { PresenceService } from "./presence.service.ts";
import "./presence.schema.ts";
import "./presence-streams.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    presence: PresenceService;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** When a user was last visible as online, by user; null for never. */
    lastSeen: DataLoader<string, Date | null>;
    /** Number of members visible as online or away, by conversation. */
    onlineCount: DataLoader<string, number>;
  }
}

export const presenceModule = defineModule({
  name: "presence",
  loaders: {
    lastSeen: batchLoader<Date | null>(
      (ids, { services }) => services.presence.lastSeen(ids),
      null,
    ),
    onlineCount: batchLoader<number>(
      (ids, { services }) => services.conversations.countAmong(ids, services.presence.online()),
      0,
    ),
  },
});
