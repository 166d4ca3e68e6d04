import type { Database, Db } from "../../infra/database/database.ts";
import type { NotificationRecord } from "./notification.record.ts";

export interface NotificationStore {
  /** What the person wants, by conversation; missing where they are no member. */
  settings(
    userId: string,
    conversationIds: readonly string[],
    db?: Db,
  ): Promise<Map<string, NotificationRecord>>;
  /** Stores it. Requires that the unit has locked the log. */
  change(
    tx: Db,
    userId: string,
    conversationId: string,
    settings: NotificationRecord,
  ): Promise<void>;
}

export function makeNotificationStore(database: Database): NotificationStore {
  return {
    settings: async (userId, conversationIds, db = database.main) => {
      const rows = await db.prisma.membership.findMany({
        where: { userId, leftPosition: null, conversationId: { in: [...conversationIds] } },
        select: { conversationId: true, notificationLevel: true, notificationsMutedUntil: true },
      });
      return new Map(
        rows.map(({ conversationId, notificationLevel, notificationsMutedUntil }) => [
          conversationId,
          { level: notificationLevel, mutedUntil: notificationsMutedUntil },
        ]),
      );
    },
    change: async (tx, userId, conversationId, { level, mutedUntil }) => {
      await tx.prisma.membership.update({
        where: { conversationId_userId: { conversationId, userId } },
        data: { notificationLevel: level, notificationsMutedUntil: mutedUntil },
      });
    },
  };
}
