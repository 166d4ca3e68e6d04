import type DataLoader from "dataloader";
import { viewerLoader } from "../../graphql/loaders.ts";
import { defineModule } from "../../module.ts";
import type { InviteService } from "./invite.service.ts";
import type { BanRecord, ModerationService } from "./moderation.service.ts";
import type { ReleaseService } from "./release.service.ts";
import type { RoomService } from "./room.service.ts";
import "./room.schema.ts";
import "./room-update.schema.ts";
import "./ban.schema.ts";
import "./moderation.schema.ts";
import "./invite.schema.ts";
import "./inviting.schema.ts";
import "./room-events.schema.ts";
import "./invite-events.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    rooms: RoomService;
    moderation: ModerationService;
    invites: InviteService;
    release: ReleaseService;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** The viewer's own ban in force, by room. */
    viewerBan: DataLoader<string, BanRecord | null>;
  }
}

export const roomModule = defineModule({
  name: "room",
  loaders: {
    viewerBan: viewerLoader<BanRecord | null>(
      (userId, ids, { services }) => services.moderation.bansOf(userId, ids),
      null,
    ),
  },
});
