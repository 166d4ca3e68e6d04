import type { Database, Db } from "../../infra/database/database.ts";

export interface DirectStore {
  /** Finds the conversation of exactly these users; null if there is none. */
  findByKey(tx: Db, peopleKey: string): Promise<string | null>;
  /** Adds the conversation, without members. Requires that the unit has locked the log. */
  create(
    tx: Db,
    direct: { id: string; createdAt: Date; peopleKey: string; people: readonly string[] },
  ): Promise<void>;
  /** Participants who do not have it in their list yet. */
  unlistedParticipants(conversationId: string, db?: Db): Promise<string[]>;
  /**
   * Allows or rejects messages. They stay rejected until all participants have the conversation in their
   * list. Requires that the unit has locked the log.
   */
  setBlocked(tx: Db, peopleKey: string, blocked: boolean): Promise<void>;
  /** Stops waiting for a user who never had a conversation in their list. */
  eraseUser(tx: Db, userId: string): Promise<void>;
}

export function makeDirectStore(database: Database): DirectStore {
  const { main } = database;
  return {
    findByKey: async (tx, peopleKey) => {
      const row = await tx.prisma.direct.findUnique({ where: { peopleKey } });
      return row?.conversationId ?? null;
    },
    create: async (tx, { id, createdAt, peopleKey, people }) => {
      await tx.prisma.conversation.create({
        data: {
          id,
          kind: "DIRECT",
          visibility: "PRIVATE",
          createdAt,
          head: { create: { lastActivityAt: createdAt } },
          direct: {
            create: {
              peopleKey,
              people: { createMany: { data: people.map((userId) => ({ userId })) } },
            },
          },
        },
      });
    },
    unlistedParticipants: async (conversationId, db = main) => {
      const rows = await db.prisma.$queryRaw<{ userId: string }[]>`
        SELECT p."userId" FROM "DirectPerson" p
        WHERE p."conversationId" = ${conversationId}::uuid AND NOT EXISTS (
          SELECT FROM "Membership" m
          WHERE m."conversationId" = p."conversationId" AND m."userId" = p."userId"
        )`;
      return rows.map(({ userId }) => userId);
    },
    setBlocked: async (tx, peopleKey, blocked) => {
      await tx.prisma.$executeRaw`
        UPDATE "Membership" m
        SET blocked = ${blocked} OR (
          SELECT count(*) FROM "DirectPerson" p WHERE p."conversationId" = d."conversationId"
        ) > (
          SELECT count(*) FROM "Membership" known WHERE known."conversationId" = d."conversationId"
        )
        FROM "Direct" d
        WHERE d."peopleKey" = ${peopleKey} AND m."conversationId" = d."conversationId"`;
    },
    eraseUser: async (tx, userId) => {
      await tx.prisma.$executeRaw`
        INSERT INTO "Membership" (id, "conversationId", "userId", "joinedPosition", "leftPosition", "leftAt")
        SELECT gen_random_uuid(), p."conversationId", p."userId", 0, 0, now()
        FROM "DirectPerson" p WHERE p."userId" = ${userId}::uuid AND NOT EXISTS (
          SELECT FROM "Membership" m
          WHERE m."conversationId" = p."conversationId" AND m."userId" = p."userId"
        )`;
    },
  };
}
