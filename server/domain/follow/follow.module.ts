import type DataLoader from "dataloader";
import { batchLoader, viewerLoader } from "../../graphql/loaders.ts";
import { defineModule, type Needs } from "../../module.ts";
import { followEvents } from "./follow.events.ts";
import { makeFollowService, type FollowCounts, type FollowService } from "./follow.service.ts";
import { makeFollowStore } from "./follow.store.ts";
import "./follow.schema.ts";
import "./follow-events.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    follows: FollowService;
  }
}

declare module "../../infra/rate-limits.ts" {
  interface SharedLimits {
    FOLLOW: true;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** Numbers of followers and of followed users, by user. */
    followCounts: DataLoader<string, FollowCounts | null>;
    /** Whether the viewer follows a user, by user. */
    viewerFollows: DataLoader<string, boolean>;
    /** Whether the viewer has muted a user, by user. */
    viewerMutes: DataLoader<string, boolean>;
  }
}

export const followModule = defineModule({
  name: "follow",
  events: followEvents,
  loaders: {
    followCounts: batchLoader<FollowCounts | null>(
      (ids, { services }) => services.follows.counts(ids),
      null,
    ),
    viewerFollows: viewerLoader<boolean>(
      (userId, ids, { services }) => services.follows.followed(userId, ids),
      false,
    ),
    viewerMutes: viewerLoader<boolean>(
      (userId, ids, { services }) => services.follows.muted(userId, ids),
      false,
    ),
  },
  create: ({ database, log, rates, users, blocks }: Needs<"users" | "blocks">) => {
    const store = makeFollowStore(database);
    const follows = makeFollowService({ store, users, blocks, log, rates });
    return {
      services: { follows },
      exportSections: follows.exportSections,
      eraseUser: follows.eraseUser,
      loadTopics: store.topicsOf,
    };
  },
});
