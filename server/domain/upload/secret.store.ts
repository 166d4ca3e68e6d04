import { randomBytes } from "node:crypto";
import type { Database } from "../../infra/database/database.ts";

export interface SecretStore {
  /** 256 random bits that all instances share under this name; created on first use. */
  get(name: string): Promise<Uint8Array>;
}

export function makeSecretStore(database: Database): SecretStore {
  return {
    get: async (name) => {
      const { prisma } = database;
      const found = await prisma.secret.findUnique({ where: { name } });
      if (found !== null) return found.value;
      const value = new Uint8Array(randomBytes(32));
      // Another instance may be faster; the value in the table wins.
      await prisma.secret.createMany({ data: [{ name, value }], skipDuplicates: true });
      return (await prisma.secret.findUniqueOrThrow({ where: { name } })).value;
    },
  };
}
