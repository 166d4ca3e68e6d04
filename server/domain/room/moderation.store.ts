import type { Database, Db } from "../../infra/database/database.ts";
import { inForceAt } from "../../infra/database/in-force.ts";
import type { RoomRecord } from "./room.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import { newestFirst, type AgePage } from "./age-keyset.ts";

/** A user who can neither read nor join a room. */
export interface BanRecord {
  id: string;
  conversationId: string;
  user: UserRecord;
  /** The user who imposed the ban; hidden from the banned user. */
  bannedBy: UserRecord | null;
  reason: string | null;
  createdAt: Date;
  /** When the ban ends; null for a permanent ban. */
  until: Date | null;
}

export type NewBan = Omit<BanRecord, "user" | "bannedBy"> & { userId: string; bannedById: string };

/** A conversation of a departing user, and its new owner if the user owns it. */
export interface OwnedRoom {
  kind: "ROOM" | "DIRECT";
  room: Pick<RoomRecord, "id" | "isLobby" | "visibility">;
  memberCount: number;
  /** Id of a membership; null if the user does not own the room, or is its only member. */
  successorId: string | null;
}

export interface ModerationStore {
  /** Replaces the user's ban from the room. */
  ban(tx: Db, ban: NewBan): Promise<void>;
  /** Returns whether there was a ban. */
  unban(tx: Db, conversationId: string, userId: string): Promise<boolean>;
  /** Bans in force, latest first. */
  bans(conversationId: string, now: Date, page: AgePage): Promise<BanRecord[]>;
  bansByIds(ids: readonly string[], now: Date): Promise<BanRecord[]>;
  /** Bans of one user in force. */
  bansOf(userId: string, conversationIds: readonly string[], now: Date): Promise<BanRecord[]>;
  /**
   * The conversations of a user. The new owner of a room is the moderator, or else the member, with the
   * longest membership. Requires that the unit has locked the log.
   *
   * @param limit maximum number; null for all
   */
  ownedRooms(tx: Db, userId: string, limit: number | null): Promise<OwnedRoom[]>;
}

interface OwnedRoomRow {
  kind: "ROOM" | "DIRECT";
  id: string;
  isLobby: boolean;
  visibility: "PUBLIC" | "PRIVATE";
  memberCount: number;
  successorId: string | null;
}

const people = { user: true, bannedBy: true } as const;

export function makeModerationStore(database: Database): ModerationStore {
  const { main } = database;
  return {
    ban: async (tx, ban) => {
      const { conversationId, userId } = ban;
      await tx.prisma.ban.upsert({
        where: { conversationId_userId: { conversationId, userId } },
        create: ban,
        update: ban,
      });
    },
    unban: async (tx, conversationId, userId) =>
      (await tx.prisma.ban.deleteMany({ where: { conversationId, userId } })).count > 0,
    bans: (conversationId, now, page) => {
      const { bounds, orderBy, take } = newestFirst(page);
      const where = { conversationId, AND: [inForceAt(now), ...bounds] };
      return main.prisma.ban.findMany({ where, orderBy, take, include: people });
    },
    bansByIds: (ids, now) =>
      main.prisma.ban.findMany({
        where: { id: { in: [...ids] }, ...inForceAt(now) },
        include: people,
      }),
    bansOf: (userId, conversationIds, now) =>
      main.prisma.ban.findMany({
        where: { userId, conversationId: { in: [...conversationIds] }, ...inForceAt(now) },
        include: people,
      }),
    ownedRooms: async (tx, userId, limit) => {
      const rows = await tx.prisma.$queryRaw<OwnedRoomRow[]>`
        SELECT c.id, c.kind::text AS kind, coalesce(r."isLobby", false) AS "isLobby", c.visibility::text AS visibility, h."memberCount",
               successor.id AS "successorId"
        FROM "Membership" m
        JOIN "Conversation" c ON c.id = m."conversationId"
        LEFT JOIN "Room" r ON r."conversationId" = c.id
        JOIN "ConversationHead" h ON h."conversationId" = c.id
        LEFT JOIN LATERAL (
          SELECT s.id FROM "Membership" s
          WHERE m.role = 'OWNER' AND c.kind = 'ROOM' AND s."conversationId" = c.id AND s."userId" <> m."userId" AND s."leftPosition" IS NULL
          ORDER BY s.role = 'MODERATOR' DESC, s."joinedPosition" LIMIT 1
        ) successor ON true
        WHERE m."userId" = ${userId}::uuid AND m."leftPosition" IS NULL
        ORDER BY c.id LIMIT ${limit}::int`;
      return rows.map(({ kind, id, isLobby, visibility, memberCount, successorId }) => ({
        kind,
        room: { id, isLobby, visibility },
        memberCount,
        successorId,
      }));
    },
  };
}
