import type { Unit } from "../../log/unit.ts";
import type { UserRecord } from "../../log/records.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import type { MessageService, Note } from "../message/message.service.ts";
import type { InviteStore } from "./invite.store.ts";
import type { ModerationStore } from "./moderation.store.ts";
import { announcesComings } from "./room.policy.ts";
import type { RoomService } from "./room.service.ts";

/** Takes a person out of their conversations for good. */
export interface ReleaseService {
  /**
   * Ends some of a person's memberships, inside `log.write`, and answers whether there may be more. A room
   * that they own passes to the moderator who has been in it longest, else to the member; a private one in
   * which nobody is left is closed. What asks them into rooms is forgotten. The number of statements does
   * not grow with that of the conversations.
   *
   * @param limit most conversations to leave; null for all
   */
  release(unit: Unit, user: UserRecord, limit: number | null): Promise<boolean>;
}

export interface ReleaseServiceOptions {
  store: ModerationStore;
  invites: InviteStore;
  rooms: RoomService;
  conversations: ConversationService;
  messages: MessageService;
  /** Members up to which a room's history tells who joins and leaves. */
  announceMembersMax: number;
}

export function makeReleaseService(options: ReleaseServiceOptions): ReleaseService {
  const { store, invites, rooms, conversations, messages } = options;
  return {
    release: async (unit, user, limit) => {
      // Takes the head's lock: nobody who is to take over a room leaves it from here to COMMIT.
      await unit.lockLog();
      const estates = await store.estate(user.id, limit);
      const heirs = await conversations.membershipsByIds(
        estates.flatMap(({ successorId }) => successorId ?? []),
      );
      const heirOf = new Map(heirs.map((heir) => [heir.conversationId, heir]));
      await conversations.change(
        unit,
        ...heirs.map((heir) => ({ ...heir, role: "OWNER" as const })),
      );
      await conversations.dismiss(
        unit,
        ...estates.map(({ room }) => ({
          membership: { conversationId: room.id, user },
          reason: "LEFT" as const,
          actor: null,
        })),
      );
      const left = estates.filter(({ kind }) => kind === "ROOM");
      const notes = left.flatMap(({ room, memberCount }): Note[] => {
        const note = { conversationId: room.id, actorId: user.id };
        const heir = heirOf.get(room.id);
        return [
          ...(heir === undefined
            ? []
            : [{ ...note, type: "OWNERSHIP_TRANSFERRED" as const, targetId: heir.user.id }]),
          ...(announcesComings(room, memberCount, options.announceMembersMax)
            ? [{ ...note, type: "MEMBER_LEFT" as const }]
            : []),
        ];
      });
      await messages.announce(unit, ...notes);
      const empty = left.filter(
        ({ room, memberCount }) => memberCount === 1 && room.visibility === "PRIVATE",
      );
      await rooms.close(
        unit,
        empty.map(({ room }) => room.id),
      );
      await invites.forget(unit.tx, user.id);
      return estates.length === limit;
    },
  };
}
