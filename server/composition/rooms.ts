import { makeEntryService } from "../domain/room/entry.service.ts";
import { makeInviteService } from "../domain/room/invite.service.ts";
import { makeInviteStore } from "../domain/room/invite.store.ts";
import { makeModerationService } from "../domain/room/moderation.service.ts";
import { makeModerationStore } from "../domain/room/moderation.store.ts";
import { makeReleaseService } from "../domain/room/release.service.ts";
import { makeRoomService } from "../domain/room/room.service.ts";
import { makeRoomStore } from "../domain/room/room.store.ts";
import type { Services } from "../graphql/services.ts";
import type { Parts } from "./parts.ts";
import type { Foundation } from "./foundation.ts";
import type { Talk } from "./talk.ts";
import type { Files } from "./files.ts";

/** Rooms: who comes in, who keeps order, who goes. */
export type Rooms = Pick<Services, "rooms" | "moderation" | "invites" | "release">;

export interface RoomsOptions {
  parts: Parts;
  made: Foundation & Files & Talk;
}

/** Makes what keeps rooms. */
export function makeRooms({ parts, made }: RoomsOptions): Rooms {
  const { config, database, clock } = parts;
  const { audit, conversations, log, messages, rates, uploads, users } = made;

  const roomStore = makeRoomStore(database);
  const inviteStore = makeInviteStore(database);
  const moderationStore = makeModerationStore(database);
  const entry = makeEntryService({
    rooms: roomStore,
    invites: inviteStore,
    conversations,
    messages,
    log,
    clock,
    announceMembersMax: config.ANNOUNCE_MEMBERS_MAX,
  });
  const rooms = makeRoomService({
    store: roomStore,
    invites: inviteStore,
    entry,
    conversations,
    messages,
    uploads,
    log,
    clock,
    rates,
  });
  const moderation = makeModerationService({
    store: moderationStore,
    entry,
    conversations,
    messages,
    users,
    audit,
    log,
    clock,
  });
  const invites = makeInviteService({
    store: inviteStore,
    rooms: roomStore,
    entry,
    conversations,
    users,
    log,
    clock,
    rates,
  });
  const release = makeReleaseService({
    store: moderationStore,
    invites: inviteStore,
    rooms,
    conversations,
    messages,
    announceMembersMax: config.ANNOUNCE_MEMBERS_MAX,
  });

  return { rooms, moderation, invites, release };
}
