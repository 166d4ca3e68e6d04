import type DataLoader from "dataloader";
import { batchLoader } from "../../graphql/loaders.ts";
import { defineModule, type Needs } from "../../module.ts";
import { makePresenceService, type PresenceService } from "./presence.service.ts";
import { makePresenceStore } from "./presence.store.ts";
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

type PresenceNeeds = Needs<"liveSessions" | "users" | "conversations" | "activity">;

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
  create: (context: PresenceNeeds) => {
    const { config, database, log, signals, clock, logger } = context;
    const { liveSessions, users, conversations, activity } = context;
    const presence = makePresenceService({
      store: makePresenceStore(database),
      liveSessions,
      users,
      conversations,
      activity,
      signals,
      log,
      clock,
      logger,
      ttlMs: config.PRESENCE_TTL_SECONDS * 1_000,
      idleMs: config.PRESENCE_IDLE_SECONDS * 1_000,
    });
    return {
      services: { presence },
      exportSections: [presence.exportSection],
      eraseUser: presence.eraseUser,
      start: presence.start,
      stop: presence.stop,
    };
  },
});
