import type { Database, Db } from "../../infra/database/database.ts";
import type { UserRecord } from "../user/user.record.ts";

export interface Credential {
  user: UserRecord;
  passwordHash: string;
}

export interface AuthStore {
  /** Finds the user and the password hash; null for an unknown name. */
  findCredential(usernameKey: string): Promise<Credential | null>;
  /** Addresses of log-ins to the account since a time, newest first; at most 100. */
  recentAddresses(usernameKey: string, since: Date): Promise<string[]>;
  passwordHash(userId: string, db?: Db): Promise<string | null>;
  removeCredential(tx: Db, userId: string): Promise<void>;
  setPasswordHash(tx: Db, userId: string, passwordHash: string, at: Date): Promise<void>;
}

export function makeAuthStore(database: Database): AuthStore {
  return {
    findCredential: async (usernameKey) => {
      const row = await database.main.prisma.user.findUnique({
        where: { usernameKey },
        include: { credential: true },
      });
      if (row === null || row.credential === null) return null;
      const { credential, ...user } = row;
      return { user, passwordHash: credential.passwordHash };
    },
    recentAddresses: async (usernameKey, since) => {
      const rows = await database.main.prisma.$queryRaw<{ address: string }[]>`
        SELECT s.address FROM "User" u JOIN "Session" s ON s."userId" = u.id
        WHERE u."usernameKey" = ${usernameKey} AND s."createdAt" > ${since}
        GROUP BY s.address ORDER BY max(s."createdAt") DESC LIMIT 100`;
      return rows.map(({ address }) => address);
    },
    passwordHash: async (userId, db = database.main) => {
      const row = await db.prisma.credential.findUnique({ where: { userId } });
      return row?.passwordHash ?? null;
    },
    removeCredential: async (tx, userId) => {
      await tx.prisma.credential.deleteMany({ where: { userId } });
    },
    setPasswordHash: async (tx, userId, passwordHash, at) => {
      await tx.prisma.credential.update({
        where: { userId },
        data: { passwordHash, changedAt: at },
      });
    },
  };
}
