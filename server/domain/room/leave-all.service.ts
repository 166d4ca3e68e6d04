import type { Unit } from "../../log/unit.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import type { MessageService, SystemMessage } from "../message/message.service.ts";
import type { InviteStore } from "./invite.store.ts";
import type { ModerationStore } from "./moderation.store.ts";
import { announcesMembership } from "./room.policy.ts";
import type { RoomService } from "./room.service.ts";

/** Permanently removes a user from their conversations. */
export interface LeaveAllService {
  /**
   * Ends some of a user's memberships, inside a unit. Returns whether there may be more. A room that the
   * user owns passes to the moderator, or else the member, with the longest membership. A private room
   * without members is closed. The user's invites are removed. The number of statements does not depend
   * on the number of conversations.
   *
   * @param limit maximum number of conversations to leave; null for all
   */
  leaveAll(unit: Unit, user: UserRecord, limit: number | null): Promise<boolean>;
}

export interface LeaveAllServiceOptions {
  store: ModerationStore;
  invites: InviteStore;
  rooms: RoomService;
  conversations: ConversationService;
  messages: MessageService;
  /** Maximum number of members of a room whose history records joins and departures. */
  announceMembersMax: number;
}

export function makeLeaveAllService(options: LeaveAllServiceOptions): LeaveAllService {
  const { store, invites, rooms, conversations, messages } = options;
  return {
    leaveAll: async (unit, user, limit) => {
      // From here to COMMIT, no new owner can leave the room.
      await unit.lockLog();
      const ownedRooms = await store.ownedRooms(unit.tx, user.id, limit);
      const newOwners = await conversations.membershipsByIds(
        ownedRooms.flatMap(({ successorId }) => successorId ?? []),
        unit.tx,
      );
      const newOwnerOf = new Map(newOwners.map((heir) => [heir.conversationId, heir]));
      await conversations.change(
        unit,
        ...newOwners.map((heir) => ({ ...heir, role: "OWNER" as const })),
      );
      await conversations.dismiss(
        unit,
        ...ownedRooms.map(({ room }) => ({
          membership: { conversationId: room.id, user },
          reason: "LEFT" as const,
          actor: null,
        })),
      );
      const left = ownedRooms.filter(({ kind }) => kind === "ROOM");
      const notes = left.flatMap(({ room, memberCount }): SystemMessage[] => {
        const note = { conversationId: room.id, actorId: user.id };
        const heir = newOwnerOf.get(room.id);
        return [
          ...(heir === undefined
            ? []
            : [{ ...note, type: "OWNERSHIP_TRANSFERRED" as const, targetId: heir.user.id }]),
          ...(announcesMembership(room, memberCount, options.announceMembersMax)
            ? [{ ...note, type: "MEMBER_LEFT" as const }]
            : []),
        ];
      });
      await messages.addSystemMessage(unit, ...notes);
      const empty = left.filter(
        ({ room, memberCount }) => memberCount === 1 && room.visibility === "PRIVATE",
      );
      await rooms.close(
        unit,
        empty.map(({ room }) => room.id),
      );
      await invites.eraseUser(unit.tx, user.id);
      return ownedRooms.length === limit;
    },
  };
}
