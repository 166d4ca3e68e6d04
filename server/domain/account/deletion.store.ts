import type { Database, Db } from "../../infra/database/database.ts";

/** A deletion and its progress. */
export interface DeletionRecord {
  userId: string;
  deleteMessages: boolean;
  messagesAfter: string | null;
  identityRemovedAt: Date | null;
}

export interface DeletionStore {
  begin(
    tx: Db,
    deletion: { userId: string; deleteMessages: boolean; requestedAt: Date },
  ): Promise<void>;
  /** Unfinished deletions, oldest first. */
  unfinished(): Promise<string[]>;
  /** Locks a deletion, so that its steps run one at a time; null if it is finished. */
  lock(tx: Db, userId: string): Promise<DeletionRecord | null>;
  setIdentityRemoved(tx: Db, userId: string, at: Date): Promise<void>;
  setMessagesAfter(tx: Db, userId: string, after: string): Promise<void>;
  finish(tx: Db, userId: string, at: Date): Promise<void>;
}

const UNFINISHED_PAGE = 100;

export function makeDeletionStore(database: Database): DeletionStore {
  return {
    begin: async (tx, deletion) => {
      await tx.prisma.accountDeletion.create({ data: deletion });
    },
    unfinished: async () => {
      const rows = await database.main.prisma.accountDeletion.findMany({
        where: { finishedAt: null },
        orderBy: { requestedAt: "asc" },
        take: UNFINISHED_PAGE,
        select: { userId: true },
      });
      return rows.map(({ userId }) => userId);
    },
    lock: async (tx, userId) => {
      const rows = await tx.prisma.$queryRaw<DeletionRecord[]>`
        SELECT "userId", "deleteMessages", "messagesAfter", "identityRemovedAt" FROM "AccountDeletion"
        WHERE "userId" = ${userId}::uuid AND "finishedAt" IS NULL FOR UPDATE`;
      return rows[0] ?? null;
    },
    setIdentityRemoved: async (tx, userId, at) => {
      await tx.prisma.accountDeletion.update({
        where: { userId },
        data: { identityRemovedAt: at },
      });
    },
    setMessagesAfter: async (tx, userId, after) => {
      await tx.prisma.accountDeletion.update({ where: { userId }, data: { messagesAfter: after } });
    },
    finish: async (tx, userId, at) => {
      await tx.prisma.accountDeletion.update({ where: { userId }, data: { finishedAt: at } });
    },
  };
}
