import type DataLoader from "dataloader";
import { viewerLoader } from "../../graphql/loaders.ts";
import { defineModule } from "../../module.ts";
import type { ReactionService } from "./reaction.service.ts";
import "./reaction.schema.ts";
import "./reaction-events.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    reactions: ReactionService;
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
  loaders: {
    ownReactions: viewerLoader<ReadonlySet<string>>(
      (userId, ids, { services }) => services.reactions.own(userId, ids),
      new Set(),
    ),
  },
});
