import { isUniqueViolation, type Database } from "../../infra/database/database.ts";
import type { UserRecord } from "../../log/records.ts";

export interface UserStore {
  findById(id: string): Promise<UserRecord | null>;
  findByIds(ids: readonly string[]): Promise<UserRecord[]>;
  findByKey(usernameKey: string): Promise<UserRecord | null>;
  /** Answers false when the username is taken. */
  create(user: UserRecord, passwordHash: string): Promise<boolean>;
}

export function makeUserStore(database: Database): UserStore {
  return {
    findById: (id) => database.current().user.findUnique({ where: { id } }),
    findByIds: (ids) => database.current().user.findMany({ where: { id: { in: [...ids] } } }),
    findByKey: (usernameKey) => database.current().user.findUnique({ where: { usernameKey } }),
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
