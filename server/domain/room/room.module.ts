import type DataLoader from "dataloader";
import { viewerLoader } from "../../graphql/loaders.ts";
import { defineModule, type Needs } from "../../module.ts";
import { roomEvents } from "./room.events.ts";
import { makeInviteService, type InviteService } from "./invite.service.ts";
import { makeInviteLinkService, type InviteLinkService } from "./invite-link.service.ts";
import {
  makeModerationService,
  type BanRecord,
  type ModerationService,
} from "./moderation.service.ts";
import { makeLeaveAllService, type LeaveAllService } from "./leave-all.service.ts";
import { makeRoomService, type RoomService } from "./room.service.ts";
import { makeRoomMembershipService } from "./room-membership.service.ts";
import { makeInviteStore } from "./invite.store.ts";
import { makeModerationStore } from "./moderation.store.ts";
import { makeRoomStore } from "./room.store.ts";
import "./room.schema.ts";
import "./room-update.schema.ts";
import "./ban.schema.ts";
import "./moderation.schema.ts";
import "./invite.schema.ts";
import "./invite-link.schema.ts";
import "./room-events.schema.ts";
import "./invite-events.schema.ts";
import "./room-errors.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    rooms: RoomService;
    moderation: ModerationService;
    invites: InviteService;
    inviteLinks: InviteLinkService;
    leaveAll: LeaveAllService;
  }
}

declare module "../../infra/rate-limits.ts" {
  interface SharedLimits {
    CREATE_ROOM: true;
    INVITE: true;
    SEARCH: true;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** The viewer's own ban in force, by room. */
    viewerBan: DataLoader<string, BanRecord | null>;
  }
}

type RoomNeeds = Needs<"audit" | "conversations" | "messages" | "uploads" | "users">;

export const roomModule = defineModule({
  name: "room",
  events: roomEvents,
  loaders: {
    viewerBan: viewerLoader<BanRecord | null>(
      (userId, ids, { services }) => services.moderation.bansOf(userId, ids),
      null,
    ),
  },
  create: (context: RoomNeeds) => {
    const { config, database, log, clock, rates } = context;
    const { audit, conversations, messages, uploads, users } = context;
    const store = makeRoomStore(database);
    const inviteStore = makeInviteStore(database);
    const moderationStore = makeModerationStore(database);
    const announceMembersMax = config.ANNOUNCE_MEMBERS_MAX;
    const roomMemberships = makeRoomMembershipService({
      rooms: store,
      invites: inviteStore,
      conversations,
      messages,
      log,
      clock,
      announceMembersMax,
    });
    const rooms = makeRoomService({
      store,
      invites: inviteStore,
      roomMemberships,
      conversations,
      messages,
      uploads,
      log,
      clock,
      rates,
    });
    const moderation = makeModerationService({
      store: moderationStore,
      roomMemberships,
      conversations,
      messages,
      users,
      audit,
      log,
      clock,
    });
    const invites = makeInviteService({
      store: inviteStore,
      rooms: store,
      roomMemberships,
      conversations,
      users,
      log,
      clock,
      rates,
    });
    const inviteLinks = makeInviteLinkService({
      store: inviteStore,
      rooms: store,
      roomMemberships,
      conversations,
      log,
      clock,
      rates,
    });
    const leaveAll = makeLeaveAllService({
      store: moderationStore,
      invites: inviteStore,
      rooms,
      conversations,
      messages,
      announceMembersMax,
    });
    return { services: { rooms, moderation, invites, inviteLinks, leaveAll } };
  },
});
