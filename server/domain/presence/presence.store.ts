import type { Database, Db } from "../../infra/database/database.ts";

export interface PresenceRow {
  userId: string;
  lastSeenAt: Date | null;
  invisible: boolean;
}

export interface PresenceStore {
  /** Users without a row are absent. */
  find(userIds: readonly string[]): Promise<PresenceRow[]>;
  /** Advances the last-seen time of visible users. Returns all of these users that have an account. */
  seen(rows: readonly { userId: string; at: Date }[]): Promise<PresenceRow[]>;
  remove(tx: Db, userId: string): Promise<void>;
  /** Hides or shows a user, who counts as seen until now. */
  setInvisible(userId: string, invisible: boolean, at: Date): Promise<void>;
}

export function makePresenceStore(database: Database): PresenceStore {
  return {
    find: (userIds) =>
      database.main.query<PresenceRow>(
        `SELECT "userId", "lastSeenAt", invisible FROM "Presence" WHERE "userId" = ANY($1::uuid[])`,
        [userIds],
      ),
    seen: (rows) => {
      const userIds = rows.map(({ userId }) => userId);
      const times = rows.map(({ at }) => at);
      // Sorted, so that two instances that store some of the same users cannot deadlock.
      return database.main.query<PresenceRow>(
        `
        INSERT INTO "Presence" ("userId", "lastSeenAt")
        SELECT u.id, seen.at
        FROM unnest($1::uuid[], $2::timestamptz[]) AS seen("userId", at)
        JOIN "User" u ON u.id = seen."userId"
        WHERE NOT EXISTS (SELECT 1 FROM "AccountDeletion" d WHERE d."userId" = u.id)
        ORDER BY u.id
        ON CONFLICT ("userId") DO UPDATE SET "lastSeenAt" =
          CASE WHEN "Presence".invisible THEN "Presence"."lastSeenAt"
               ELSE GREATEST("Presence"."lastSeenAt", EXCLUDED."lastSeenAt") END
        RETURNING "userId", "lastSeenAt", invisible`,
        [userIds, times],
      );
    },
    remove: async (tx, userId) => {
      await tx.prisma.presence.deleteMany({ where: { userId } });
    },
    setInvisible: async (userId, invisible, at) => {
      await database.main.prisma.$executeRaw`
        INSERT INTO "Presence" ("userId", "lastSeenAt", invisible) VALUES (${userId}::uuid, ${at}, ${invisible})
        ON CONFLICT ("userId") DO UPDATE SET invisible = EXCLUDED.invisible, "lastSeenAt" =
          CASE WHEN "Presence".invisible THEN "Presence"."lastSeenAt"
               ELSE GREATEST("Presence"."lastSeenAt", EXCLUDED."lastSeenAt") END`;
    },
  };
}
