import type DataLoader from "dataloader";
import { viewerLoader } from "../../graphql/loaders.ts";
import { defineModule, type Needs } from "../../module.ts";
import { blockEvents } from "./block.events.ts";
import { makeBlockService, type BlockService } from "./block.service.ts";
import { makeBlockStore } from "./block.store.ts";
import "./block.schema.ts";
import "./block-events.schema.ts";
import "./block-errors.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    blocks: BlockService;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** Whether the viewer has blocked a user, by user. */
    viewerBlocks: DataLoader<string, boolean>;
  }
}

export const blockModule = defineModule({
  name: "block",
  events: blockEvents,
  loaders: {
    viewerBlocks: viewerLoader<boolean>(
      (userId, ids, { services }) => services.blocks.blocked(userId, ids),
      false,
    ),
  },
  create: ({ database, log, rates, users }: Needs<"users">) => {
    const blocks = makeBlockService({ store: makeBlockStore(database), users, log, rates });
    return {
      services: { blocks },
      exportSections: [blocks.exportSection],
      eraseUser: blocks.eraseUser,
    };
  },
});
