import type { Database, Db } from "../../infra/database/database.ts";
import { inForceAt } from "../../infra/database/in-force.ts";

export interface SuspensionRecord {
  userId: string;
  /** End of the suspension; null if it lasts until an administrator lifts it. */
  until: Date | null;
  reason: string;
  suspendedAt: Date;
}

export interface SuspensionKey {
  suspendedAt: Date;
  userId: string;
}

export interface SuspensionPage {
  before: SuspensionKey | undefined;
  after: SuspensionKey | undefined;
  limit: number;
  inverted: boolean;
}

export interface AdminStore {
  isAdministrator(userId: string, db?: Db): Promise<boolean>;
  /** Ids of all users with the role or with one of the given names. */
  administratorIds(tx: Db, usernameKeys: readonly string[]): Promise<string[]>;
  add(tx: Db, userId: string, at: Date): Promise<void>;
  remove(tx: Db, userId: string): Promise<void>;
  /** Whether another usable account exists. */
  hasOtherAccounts(tx: Db, userId: string): Promise<boolean>;
  suspension(tx: Db, userId: string): Promise<SuspensionRecord | null>;
  suspend(tx: Db, suspension: SuspensionRecord): Promise<void>;
  /** Returns false if there was no suspension. */
  unsuspend(tx: Db, userId: string): Promise<boolean>;
  /** Newest first. */
  suspensions(now: Date, page: SuspensionPage): Promise<SuspensionRecord[]>;
}

export function makeAdminStore(database: Database): AdminStore {
  return {
    isAdministrator: async (userId, db = database.main) =>
      (await db.prisma.administrator.count({ where: { userId } })) > 0,
    administratorIds: async (tx, usernameKeys) => {
      const rows = await tx.prisma.$queryRaw<{ id: string }[]>`
        SELECT "userId" AS id FROM "Administrator"
        UNION SELECT id FROM "User" WHERE "usernameKey" = ANY(${[...usernameKeys]})`;
      return rows.map(({ id }) => id);
    },
    add: async (tx, userId, at) => {
      await tx.prisma.administrator.upsert({
        where: { userId },
        create: { userId, since: at },
        update: {},
      });
    },
    remove: async (tx, userId) => {
      await tx.prisma.administrator.deleteMany({ where: { userId } });
    },
    hasOtherAccounts: async (tx, userId) => {
      // An account is usable if it has a credential.
      const rows = await tx.prisma.$queryRaw<{ found: boolean }[]>`
        SELECT EXISTS (SELECT 1 FROM "Credential" WHERE "userId" <> ${userId}::uuid) AS found`;
      return rows[0]?.found ?? false;
    },
    suspension: (tx, userId) => tx.prisma.suspension.findUnique({ where: { userId } }),
    suspend: async (tx, { userId, ...values }) => {
      await tx.prisma.suspension.upsert({
        where: { userId },
        create: { userId, ...values },
        update: values,
      });
    },
    unsuspend: async (tx, userId) =>
      (await tx.prisma.suspension.deleteMany({ where: { userId } })).count > 0,
    suspensions: (now, { before, after, limit, inverted }) => {
      const bound = (key: SuspensionKey, side: "lt" | "gt") => ({
        OR: [
          { suspendedAt: { [side]: key.suspendedAt } },
          { suspendedAt: key.suspendedAt, userId: { [side]: key.userId } },
        ],
      });
      const direction = inverted ? "asc" : "desc";
      return database.main.prisma.suspension.findMany({
        where: {
          AND: [
            inForceAt(now),
            ...(after === undefined ? [] : [bound(after, "lt")]),
            ...(before === undefined ? [] : [bound(before, "gt")]),
          ],
        },
        orderBy: [{ suspendedAt: direction }, { userId: direction }],
        take: limit,
      });
    },
  };
}
