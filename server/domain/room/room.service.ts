import { randomInt } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import { NotAllowedError, NotFoundError } from "../../kernel/errors.ts";
import { ArchivedError, NotAMemberError } from "../conversation/conversation.errors.ts";
import { OwnerCannotLeaveError, SlugTakenError } from "./room.errors.ts";
import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Log } from "../../log/log.ts";
import type { Unit } from "../../log/unit.ts";
import { roomCreated, roomHidden, roomUpdated } from "./room.events.ts";
import type { RoomRecord } from "./room.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import { canDiscover, type ConversationService } from "../conversation/conversation.service.ts";
import type { MessageService, SystemMessage } from "../message/message.service.ts";
import type { UploadService } from "../upload/upload.service.ts";
import type { RoomMembershipService, Joined } from "./room-membership.service.ts";
import type { InviteStore } from "./invite.store.ts";
import { toRoom, type NewRoom } from "./new-room.ts";
import { changedFields, toChanges, type RoomChanges } from "./room-changes.ts";
import { isSlug, toSlug, withSuffix } from "./room-fields.ts";
import { canJoinRoom, canLeaveRoom, canModerate, canReshapeRoom } from "./room.policy.ts";
import type { RoomQuery, RoomStore } from "./room.store.ts";

export type { NewRoom } from "./new-room.ts";
export type { RoomChanges } from "./room-changes.ts";
export { ROOM_NAME_MAX_LENGTH } from "./room-fields.ts";
export type { Joined } from "./room-membership.service.ts";
export type { RoomKey, RoomQuery, RoomSort } from "./room.store.ts";

export interface RoomAt {
  room: RoomRecord;
  position: Position;
}

export interface RoomService {
  bySlug(viewerId: string, slug: string): Promise<RoomRecord | null>;
  lobby(): Promise<RoomRecord | null>;
  /** @throws RateLimitedError for a search */
  page(viewerId: string, query: RoomQuery): Promise<(RoomRecord & { key: string })[]>;
  /** @throws InvalidInputError SlugTakenError RateLimitedError */
  create(viewer: UserRecord, room: NewRoom): Promise<Joined>;
  /** For a member, it returns the existing membership. @throws NotFoundError BannedError ArchivedError */
  join(viewer: UserRecord, roomId: string): Promise<Joined>;
  /**
   * When the last member leaves a private room, it is archived and closed.
   *
   * @throws NotFoundError NotAMemberError OwnerCannotLeaveError
   */
  leave(viewer: UserRecord, roomId: string): Promise<RoomAt>;
  /**
   * Without a change, it appends no event. @throws InvalidInputError NotFoundError BannedError
   * NotAMemberError NotAllowedError ArchivedError SlugTakenError
   */
  update(viewer: UserRecord, roomId: string, changes: RoomChanges): Promise<RoomAt>;
  /** Repeating it has no effect. @throws NotFoundError BannedError NotAMemberError NotAllowedError */
  setArchived(viewer: UserRecord, roomId: string, archived: boolean): Promise<RoomAt>;
  /** Archives rooms without members and ends their invites and links. Requires that the unit has locked the log. */
  close(unit: Unit, roomIds: readonly string[]): Promise<void>;
  /** Adds a new user to the lobby, in the transaction of the sign-up. */
  admitToLobby(unit: Unit, user: UserRecord): Promise<Position>;
}

export interface RoomServiceOptions {
  store: RoomStore;
  invites: InviteStore;
  roomMemberships: RoomMembershipService;
  conversations: ConversationService;
  messages: MessageService;
  uploads: UploadService;
  log: Log;
  clock: Clock;
  rates: RateLimits;
}

/** Maximum number of attempts to find an address for a long name whose beginning is taken. */
const SLUG_TRIES = 5;

export function makeRoomService(options: RoomServiceOptions): RoomService {
  const { store, invites, roomMemberships, conversations, messages, uploads, log, clock, rates } =
    options;

  const createAt = (viewer: UserRecord, room: RoomRecord): Promise<Joined> =>
    log.write(async (unit) => {
      if (!(await store.create(unit.tx, room))) throw new SlugTakenError();
      const isPrivate = room.visibility === "PRIVATE";
      await unit.append(
        roomCreated({ room }, isPrivate ? { grant: [[viewer.id, room.id]] } : undefined),
      );
      const owner = await roomMemberships.newcomer(unit, viewer, room, "OWNER");
      return { room, ...(await conversations.admit(unit, room, owner)) };
    });

  /** Stores a changed room and appends its events. Returns the event's position. */
  const replace = async (unit: Unit, former: RoomRecord, room: RoomRecord): Promise<Position> => {
    // Non-members learn that the room is gone, but nothing of its new state.
    const isHidden = room.visibility === "PRIVATE" && former.visibility === "PUBLIC";
    const places = await unit.appendAll([
      ...(isHidden ? [roomHidden({ roomId: room.id })] : []),
      roomUpdated({ room }),
    ]);
    if (!(await store.update(unit.tx, room))) throw new SlugTakenError();
    return places.at(-1)?.position ?? log.position;
  };

  const show = async (
    unit: Unit,
    viewerId: string,
    roomId: string,
    pictureId: string | null,
  ): Promise<void> => {
    const use = { by: "ROOM", id: roomId } as const;
    if (pictureId === null) await uploads.releasePicture(unit, use);
    else await uploads.claimPicture(unit, viewerId, pictureId, use);
  };

  // There are no members to notify, but invited users are notified.
  const close: RoomService["close"] = async (unit, roomIds) => {
    if (roomIds.length === 0) return;
    await store.archive(unit.tx, roomIds, new Date(clock.now()));
    await roomMemberships.endInvites(unit, roomIds, null);
    await invites.removeLinks(unit.tx, roomIds);
  };

  return {
    bySlug: async (viewerId, text) => {
      const slug = toSlug(text);
      const room = isSlug(slug) ? await store.findBySlug(slug) : null;
      if (room === null) return null;
      const access = (await conversations.access(viewerId, [room.id])).get(room.id);
      return access !== undefined && canDiscover(access) ? room : null;
    },
    lobby: () => store.lobby(),
    page: async (viewerId, query) => {
      if (query.search !== null) await rates.take("SEARCH", viewerId);
      // PostgreSQL's text has no NUL, so no room matches.
      return query.search?.includes("\u0000") === true ? [] : store.page(viewerId, query);
    },
    create: async (viewer, request) => {
      const { room, isCut } = toRoom(request, clock.now());
      await rates.take("CREATE_ROOM", viewer.id);
      let slug = room.slug;
      for (let left = isCut ? SLUG_TRIES : 1; ; left -= 1) {
        try {
          return await createAt(viewer, { ...room, slug });
        } catch (error) {
          if (!(error instanceof SlugTakenError) || left <= 1) throw error;
        }
        slug = withSuffix(
          room.slug,
          randomInt(36 ** 4)
            .toString(36)
            .padStart(4, "0"),
        );
      }
    },
    join: (viewer, roomId) =>
      log.write(async (unit) => {
        // Two joins of one user run one after the other.
        await unit.lockLog();
        const room = await roomMemberships.requireRoom(roomId, unit.tx);
        const access = await conversations.requireVisible(viewer.id, roomId, "room", unit.tx);
        if (!access.isMember && !canJoinRoom(access)) throw new NotFoundError("room");
        return roomMemberships.enter(unit, room, viewer, access);
      }),
    leave: (viewer, roomId) =>
      log.write(async (unit) => {
        await unit.lockLog();
        const room = await roomMemberships.requireRoom(roomId, unit.tx);
        await conversations.requireDiscoverable(viewer.id, roomId, "room", unit.tx);
        const membership = (await conversations.memberships(viewer.id, [roomId], unit.tx)).get(
          roomId,
        );
        if (membership === undefined)
          throw new NotAMemberError("You are not a member of this room.");
        const memberCount =
          (await conversations.stats([roomId], unit.tx)).get(roomId)?.memberCount ?? 0;
        if (!canLeaveRoom(membership.role, memberCount)) throw new OwnerCannotLeaveError();
        const position = await roomMemberships.depart(unit, { room, membership });
        if (memberCount === 1 && room.visibility === "PRIVATE") await close(unit, [roomId]);
        return { room, position };
      }),
    update: async (viewer, roomId, requested) => {
      const changes = toChanges(requested);
      return log.write(async (unit) => {
        await unit.lockLog();
        const { room, membership } = await roomMemberships.requireMembership(
          viewer.id,
          roomId,
          unit.tx,
        );
        const next = { ...room, ...withoutUndefined(changes) };
        const fields = changedFields(room, next);
        const reshapes = fields.includes("slug") || fields.includes("visibility");
        const may = reshapes ? canReshapeRoom(membership.role, room) : canModerate(membership.role);
        if (!may) throw new NotAllowedError();
        if (room.archivedAt !== null) throw new ArchivedError();
        if (fields.length === 0) return { room, position: await log.head(unit.tx) };
        if (fields.includes("pictureId")) await show(unit, viewer.id, roomId, next.pictureId);
        const position = await replace(unit, room, next);
        await messages.addSystemMessage(unit, ...systemMessagesOf(next, viewer.id, fields));
        return { room: next, position };
      });
    },
    setArchived: (viewer, roomId, archived) =>
      log.write(async (unit) => {
        await unit.lockLog();
        const { room, membership } = await roomMemberships.requireMembership(
          viewer.id,
          roomId,
          unit.tx,
        );
        if (!canReshapeRoom(membership.role, room)) throw new NotAllowedError();
        if ((room.archivedAt !== null) === archived)
          return { room, position: await log.head(unit.tx) };
        const next = { ...room, archivedAt: archived ? new Date(clock.now()) : null };
        const position = await replace(unit, room, next);
        await messages.addSystemMessage(unit, {
          conversationId: roomId,
          actorId: viewer.id,
          type: archived ? "ROOM_ARCHIVED" : "ROOM_UNARCHIVED",
        });
        return { room: next, position };
      }),
    close,
    admitToLobby: async (unit, user) => {
      const room = await store.lobby(unit.tx);
      if (room === null) throw new Error("The lobby is missing in the database");
      await unit.lockLog();
      const newcomer = await roomMemberships.newcomer(unit, user, room, "MEMBER");
      return (await conversations.admit(unit, room, newcomer)).position;
    },
  };
}

function withoutUndefined(changes: RoomChanges): Partial<RoomRecord> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** Returns the system messages of a change; a new address needs none. */
function systemMessagesOf(
  room: RoomRecord,
  actorId: string,
  fields: readonly (keyof RoomChanges)[],
): SystemMessage[] {
  const note = { conversationId: room.id, actorId };
  return fields.flatMap((field): SystemMessage | [] => {
    switch (field) {
      case "name":
        return { ...note, type: "NAME_CHANGED", value: room.name };
      case "topic":
        return { ...note, type: "TOPIC_CHANGED", value: room.topic };
      case "pictureId":
        return { ...note, type: "PICTURE_CHANGED" };
      case "visibility":
        return { ...note, type: "VISIBILITY_CHANGED", value: room.visibility };
      case "slowModeSeconds":
        return { ...note, type: "SLOW_MODE_CHANGED", value: String(room.slowModeSeconds) };
      case "slug":
        return [];
    }
  });
}
