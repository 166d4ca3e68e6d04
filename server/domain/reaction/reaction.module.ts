import type DataLoader from "dataloader";
import { viewerLoader } from "../../graphql/loaders.ts";
import { defineModule, type Needs } from "../../module.ts";
import { reactionEvents } from "./reaction.events.ts";
import { makeReactionService, type ReactionService } from "./reaction.service.ts";
import { makeReactionStore } from "./reaction.store.ts";
import "./reaction.schema.ts";
import "./reaction-events.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    reactions: ReactionService;
  }
}

declare module "../../infra/rate-limits.ts" {
  interface SharedLimits {
    REACT: true;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** The emoji of the viewer's own reactions, by message. */
    ownReactions: DataLoader<string, ReadonlySet<string>>;
  }
}

export const reactionModule = defineModule({
  name: "reaction",
  events: reactionEvents,
  loaders: {
    ownReactions: viewerLoader<ReadonlySet<string>>(
      (userId, ids, { services }) => services.reactions.own(userId, ids),
      new Set(),
    ),
  },
  create: ({ database, rates, messageUpdates }: Needs<"messageUpdates">) => {
    const reactions = makeReactionService({
      store: makeReactionStore(database),
      messageUpdates,
      rates,
    });
    return { services: { reactions }, exportSections: [reactions.exportSection] };
  },
});
