import { isUniqueViolation, type Database, type Db } from "../../infra/database/database.ts";
import type { UserRecord } from "./user.record.ts";

export interface UserStore {
  findById(id: string, db?: Db): Promise<UserRecord | null>;
  findByIds(ids: readonly string[], db?: Db): Promise<UserRecord[]>;
  findByKey(usernameKey: string): Promise<UserRecord | null>;
  /** Returns false if the username is taken. */
  create(tx: Db, user: UserRecord, passwordHash: string): Promise<boolean>;
  /** Locks and returns the current user; null if it is missing. */
  lock(tx: Db, id: string): Promise<UserRecord | null>;
  /** Stores a user's profile. */
  change(tx: Db, user: UserRecord): Promise<void>;
  /** Stores a user's profile and username. */
  rename(tx: Db, user: UserRecord): Promise<void>;
}

export function makeUserStore(database: Database): UserStore {
  const { main } = database;
  return {
    findById: (id, db = main) => db.prisma.user.findUnique({ where: { id } }),
    findByIds: (ids, db = main) => db.prisma.user.findMany({ where: { id: { in: [...ids] } } }),
    findByKey: (usernameKey) => main.prisma.user.findUnique({ where: { usernameKey } }),
    rename: async (tx, { id, ...shown }) => {
      const { username, usernameKey, displayName, avatarId, statusText, changedAt } = shown;
      await tx.prisma.user.update({
        where: { id },
        data: { username, usernameKey, displayName, avatarId, statusText, changedAt },
      });
    },
    create: async (tx, user, passwordHash) => {
      try {
        await tx.prisma.user.create({
          data: { ...user, credential: { create: { passwordHash } } },
        });
        return true;
      } catch (error) {
        if (isUniqueViolation(error)) return false;
        throw error;
      }
    },
    lock: async (tx, id) => {
      await tx.prisma.$queryRaw`SELECT 1 FROM "User" WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
      return tx.prisma.user.findUnique({ where: { id } });
    },
    change: async (tx, { id, displayName, avatarId, statusText, changedAt }) => {
      await tx.prisma.user.update({
        where: { id },
        data: { displayName, avatarId, statusText, changedAt },
      });
    },
  };
}
