import { isUniqueViolation, type Database, type Queryable } from "../../infra/database/database.ts";
import type { UserRecord } from "../../log/records.ts";

export interface UserStore {
  findById(id: string): Promise<UserRecord | null>;
  findByIds(ids: readonly string[]): Promise<UserRecord[]>;
  findByKey(usernameKey: string): Promise<UserRecord | null>;
  /** Answers false when the username is taken. */
  create(user: UserRecord, passwordHash: string): Promise<boolean>;
  /** The person as they are now, whom nobody else changes until the transaction ends; null when gone. */
  lock(tx: Queryable, id: string): Promise<UserRecord | null>;
  /** Stores what is shown of a person. */
  change(tx: Queryable, user: UserRecord): Promise<void>;
  /** Stores all that is shown of a person, the username included. */
  rename(user: UserRecord): Promise<void>;
}

export function makeUserStore(database: Database): UserStore {
  return {
    findById: (id) => database.current().user.findUnique({ where: { id } }),
    findByIds: (ids) => database.current().user.findMany({ where: { id: { in: [...ids] } } }),
    findByKey: (usernameKey) => database.current().user.findUnique({ where: { usernameKey } }),
    rename: async ({ id, ...shown }) => {
      const { username, usernameKey, displayName, avatarId, statusText, changedAt } = shown;
      await database.current().user.update({
        where: { id },
        data: { username, usernameKey, displayName, avatarId, statusText, changedAt },
      });
    },
    create: async (user, passwordHash) => {
      try {
        await database
          .current()
          .user.create({ data: { ...user, credential: { create: { passwordHash } } } });
        return true;
      } catch (error) {
        if (isUniqueViolation(error)) return false;
        throw error;
      }
    },
    lock: async (tx, id) => {
      await tx.$queryRaw`SELECT 1 FROM "User" WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
      return tx.user.findUnique({ where: { id } });
    },
    change: async (tx, { id, displayName, avatarId, statusText, changedAt }) => {
      await tx.user.update({
        where: { id },
        data: { displayName, avatarId, statusText, changedAt },
      });
    },
  };
}
