import type { Database, Db } from "../../infra/database/database.ts";

export interface OwnReactionKey {
  messageId: string;
  emoji: string;
}

export interface OwnReaction extends OwnReactionKey {
  createdAt: Date;
}

export interface ReactionStore {
  /** Returns false if it already existed. */
  add(tx: Db, messageId: string, userId: string, emoji: string): Promise<boolean>;
  /** Returns false if it did not exist. */
  remove(tx: Db, messageId: string, userId: string, emoji: string): Promise<boolean>;
  /** Number of different emoji on a message. */
  emojiCount(tx: Db, messageId: string): Promise<number>;
  /** All reactions of a user, in the order of messages. */
  ofUser(userId: string, after: OwnReactionKey | null, limit: number): Promise<OwnReaction[]>;
  /** The emoji of the user's own reactions, by message. */
  own(userId: string, messageIds: readonly string[]): Promise<Map<string, Set<string>>>;
}

export function makeReactionStore(database: Database): ReactionStore {
  return {
    add: async (tx, messageId, userId, emoji) => {
      const { count } = await tx.prisma.reaction.createMany({
        data: [{ messageId, userId, emoji }],
        skipDuplicates: true,
      });
      return count > 0;
    },
    remove: async (tx, messageId, userId, emoji) => {
      const { count } = await tx.prisma.reaction.deleteMany({
        where: { messageId, userId, emoji },
      });
      return count > 0;
    },
    emojiCount: async (tx, messageId) => {
      const rows = await tx.prisma.$queryRaw<{ count: number }[]>`
        SELECT count(DISTINCT emoji)::int AS count FROM "Reaction" WHERE "messageId" = ${messageId}::uuid`;
      return rows[0]?.count ?? 0;
    },
    ofUser: (userId, after, limit) =>
      database.main.prisma.reaction.findMany({
        where: {
          userId,
          ...(after === null
            ? {}
            : {
                OR: [
                  { messageId: { gt: after.messageId } },
                  { messageId: after.messageId, emoji: { gt: after.emoji } },
                ],
              }),
        },
        orderBy: [{ messageId: "asc" }, { emoji: "asc" }],
        take: limit,
        select: { messageId: true, emoji: true, createdAt: true },
      }),
    own: async (userId, messageIds) => {
      const rows = await database.main.prisma.reaction.findMany({
        where: { userId, messageId: { in: [...messageIds] } },
        select: { messageId: true, emoji: true },
      });
      const own = new Map<string, Set<string>>();
      for (const { messageId, emoji } of rows) {
        own.set(messageId, (own.get(messageId) ?? new Set()).add(emoji));
      }
      return own;
    },
  };
}
