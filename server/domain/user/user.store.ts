import { isUniqueViolation, type Database } from "../../infra/database/database.ts";
import type { UserRecord } from "../../log/records.ts";

export interface UserStore {
  findById(id: string): Promise<UserRecord | null>;
  findByIds(ids: readonly string[]): Promise<UserRecord[]>;
  findByKey(usernameKey: string): Promise<UserRecord | null>;
  /** Answers false when the username is taken. */
  create(user: UserRecord, passwordHash: string): Promise<boolean>;
  rename(user: UserRecord): Promise<void>;
}

export function makeUserStore(database: Database): UserStore {
  return {
    findById: (id) => database.current().user.findUnique({ where: { id } }),
    findByIds: (ids) => database.current().user.findMany({ where: { id: { in: [...ids] } } }),
    findByKey: (usernameKey) => database.current().user.findUnique({ where: { usernameKey } }),
    rename: async ({ id, username, usernameKey, displayName }) => {
      await database
        .current()
        .user.update({ where: { id }, data: { username, usernameKey, displayName } });
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
  };
}
