import type DataLoader from "dataloader";
import { viewerLoader } from "../../graphql/loaders.ts";
import { defineModule } from "../../module.ts";
import type { BlockService } from "./block.service.ts";
import "./block.schema.ts";
import "./block-events.schema.ts";

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
  loaders: {
    viewerBlocks: viewerLoader<boolean>(
      (userId, ids, { services }) => services.blocks.blocked(userId, ids),
      false,
    ),
  },
});
