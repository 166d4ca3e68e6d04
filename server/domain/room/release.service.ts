import type { Append, Transaction } from "../../log/log.ts";
import type { UserRecord } from "../../log/records.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import type { MessageService, Note } from "../message/message.service.ts";
import type { InviteStore } from "./invite.store.ts";
import type { ModerationStore } from "./moderation.store.ts";
import { announcesComings } from "./room.policy.ts";
import type { RoomService } from "./room.service.ts";

/** Takes a person out of all rooms at once. */
export interface ReleaseService {
  /**
   * Ends a person's memberships of rooms, inside `log.write`. A room that they own passes to the moderator
   * who has been in it longest, else to the member; a private one in which nobody is left is closed. What
   * asks them into rooms is forgotten. Direct conversations stay as they are. The number of statements
   * does not grow with that of the rooms.
   */
  releaseAll(tx: Transaction, append: Append, user: UserRecord): Promise<void>;
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
    releaseAll: async (tx, append, user) => {
      // Takes the head's lock: nobody who is to take over a room leaves it from here to COMMIT.
      await append([]);
      const estates = await store.estate(user.id);
      const heirs = await conversations.membershipsByIds(
        estates.flatMap(({ successorId }) => successorId ?? []),
      );
      const heirOf = new Map(heirs.map((heir) => [heir.conversationId, heir]));
      await conversations.change(
        tx,
        append,
        ...heirs.map((heir) => ({ ...heir, role: "OWNER" as const })),
      );
      await conversations.dismiss(
        tx,
        append,
        ...estates.map(({ room }) => ({
          membership: { conversationId: room.id, user },
          reason: "LEFT" as const,
          actor: null,
        })),
      );
      const notes = estates.flatMap(({ room, memberCount }): Note[] => {
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
      await messages.announce(tx, append, ...notes);
      const empty = estates.filter(
        ({ room, memberCount }) => memberCount === 1 && room.visibility === "PRIVATE",
      );
      await rooms.close(
        tx,
        append,
        empty.map(({ room }) => room.id),
      );
      await invites.forget(tx, user.id);
    },
  };
}
