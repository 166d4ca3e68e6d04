import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import { NotAllowedError, NotFoundError } from "../../kernel/errors.ts";
import { ArchivedError, NotAMemberError } from "../conversation/conversation.errors.ts";
import { BannedError } from "./room.errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Log } from "../../log/log.ts";
import type { Db, Unit } from "../../log/unit.ts";
import type { MembershipRecord } from "../conversation/conversation.record.ts";
import { inviteEnded } from "./room.events.ts";
import type { RoomRecord } from "./room.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import type {
  Access,
  ConversationService,
  Newcomer,
  Role,
} from "../conversation/conversation.service.ts";
import type { MessageService } from "../message/message.service.ts";
import type { InviteStore } from "./invite.store.ts";
import { announcesMembership, canModerate, initialRole } from "./room.policy.ts";
import type { RoomStore } from "./room.store.ts";

export interface Joined {
  room: RoomRecord;
  membership: MembershipRecord;
  position: Position;
}

/** A room and the viewer's membership in it. */
export interface RoomMembership {
  room: RoomRecord;
  membership: MembershipRecord;
}

/** Joining and leaving rooms, for the other services of rooms. Requires that the unit has locked the log. */
export interface RoomMembershipService {
  /** @throws NotFoundError */
  requireRoom(roomId: string, db?: Db): Promise<RoomRecord>;
  /** @throws NotFoundError BannedError NotAMemberError */
  requireMembership(viewerId: string, roomId: string, db?: Db): Promise<RoomMembership>;
  /** @throws NotFoundError BannedError NotAMemberError NotAllowedError */
  requireModerator(viewerId: string, roomId: string, db?: Db): Promise<RoomMembership>;
  /** Builds the membership of a joining user. */
  newcomer(unit: Unit, user: UserRecord, room: RoomRecord, role: Role): Promise<Newcomer>;
  /**
   * Admits a user, appends the event, and ends the user's invites to the room. For a member, it returns
   * the existing membership.
   *
   * @param known the user's access, if it was read after the log was locked
   * @throws BannedError ArchivedError
   */
  enter(unit: Unit, room: RoomRecord, user: UserRecord, known?: Access): Promise<Joined>;
  /** Removes a user who leaves. Returns the position after which the user sees nothing. */
  depart(unit: Unit, inside: RoomMembership): Promise<Position>;
  /**
   * Ends the invites of a user, or of all users if `userId` is null, and appends the events of the
   * invited users.
   */
  endInvites(unit: Unit, roomIds: readonly string[], userId: string | null): Promise<void>;
  /** Ends the links that a user created into a room, so that a removed member admits no one. */
  endLinks(unit: Unit, roomId: string, creatorId: string): Promise<void>;
}

export interface RoomMembershipServiceOptions {
  rooms: RoomStore;
  invites: InviteStore;
  conversations: ConversationService;
  messages: MessageService;
  log: Log;
  clock: Clock;
  /** Maximum number of members of a room whose history records joins and departures. */
  announceMembersMax: number;
}

export function makeRoomMembershipService(
  options: RoomMembershipServiceOptions,
): RoomMembershipService {
  const { rooms, invites, conversations, messages, log, clock } = options;

  const requireRoom: RoomMembershipService["requireRoom"] = async (roomId, db) => {
    const room = await rooms.findById(roomId, db);
    if (room === null) throw new NotFoundError("room");
    return room;
  };

  const requireMembership: RoomMembershipService["requireMembership"] = async (
    viewerId,
    roomId,
    db,
  ) => {
    const room = await requireRoom(roomId, db);
    await conversations.requireVisible(viewerId, roomId, "room", db);
    const membership = (await conversations.memberships(viewerId, [roomId], db)).get(roomId);
    if (membership === undefined) throw new NotAMemberError("You are not a member of this room.");
    return { room, membership };
  };

  const newcomer: RoomMembershipService["newcomer"] = async (unit, user, room, role) => ({
    id: newId(clock.now()),
    conversationId: room.id,
    user,
    role,
    joinedAt: new Date(clock.now()),
    mutedUntil: await conversations.mutedUntil(unit, room.id, user.id),
  });

  const memberCountOf = async (unit: Unit, roomId: string): Promise<number> =>
    (await conversations.stats([roomId], unit.tx)).get(roomId)?.memberCount ?? 0;

  const endInvites: RoomMembershipService["endInvites"] = async (unit, roomIds, userId) => {
    const ended = await invites.take(unit.tx, roomIds, userId);
    if (ended.length === 0) return;
    await unit.appendAll(
      ended.map(({ id, userId: invitedId, conversationId }) =>
        inviteEnded(invitedId, { inviteId: id, roomId: conversationId }),
      ),
    );
  };

  return {
    requireRoom,
    newcomer,
    endInvites,
    endLinks: (unit, roomId, creatorId) => invites.removeLinks(unit.tx, [roomId], creatorId),
    requireMembership,
    requireModerator: async (viewerId, roomId, db) => {
      const found = await requireMembership(viewerId, roomId, db);
      if (!canModerate(found.membership.role)) throw new NotAllowedError();
      return found;
    },
    enter: async (unit, room, user, known) => {
      const access =
        known ?? (await conversations.access(user.id, [room.id], unit.tx)).get(room.id);
      if (access?.isMember === true) {
        const membership = (await conversations.memberships(user.id, [room.id], unit.tx)).get(
          room.id,
        );
        if (membership === undefined) throw new Error("A member has no membership");
        return { room, membership, position: await log.head(unit.tx) };
      }
      if (access?.isBanned === true) throw new BannedError(access.bannedUntil);
      if (room.archivedAt !== null) throw new ArchivedError();
      const memberCount = await memberCountOf(unit, room.id);
      const role = initialRole(room.isLobby, memberCount);
      const member = await newcomer(unit, user, room, role);
      const admitted = await conversations.admit(unit, room, member);
      await endInvites(unit, [room.id], user.id);
      if (announcesMembership(room, memberCount + 1, options.announceMembersMax)) {
        const note = { conversationId: room.id, actorId: user.id, type: "MEMBER_JOINED" } as const;
        await messages.addSystemMessage(unit, note);
      }
      return { room, ...admitted };
    },
    depart: async (unit, { room, membership }) => {
      const memberCount = await memberCountOf(unit, room.id);
      const leaving = { membership, reason: "LEFT", actor: null } as const;
      const [position] = await conversations.dismiss(unit, leaving);
      if (position === undefined) throw new Error("The departure was not appended");
      if (announcesMembership(room, memberCount, options.announceMembersMax)) {
        const actorId = membership.user.id;
        const note = { conversationId: room.id, actorId, type: "MEMBER_LEFT" } as const;
        await messages.addSystemMessage(unit, note);
      }
      return position;
    },
  };
}
