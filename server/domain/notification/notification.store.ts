import type { Database, Db } from "../../infra/database/database.ts";
import type { NotificationRecord } from "./notification.record.ts";

export interface NotificationStore {
  /** The user's settings by conversation; absent without a membership. */
  settings(
    userId: string,
    conversationIds: readonly string[],
    db?: Db,
  ): Promise<Map<string, NotificationRecord>>;
  /** Stores the settings. Requires that the unit has locked the log. */
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
