import type { Database, Db } from "../../infra/database/database.ts";
import type { UserRecord } from "../user/user.record.ts";

/** Sort key in the list of blocked users. */
export interface BlockKey {
  position: bigint;
}

export type BlockRow = BlockKey & { person: UserRecord };

export interface BlockPage {
  before: BlockKey | undefined;
  after: BlockKey | undefined;
  limit: number;
  inverted: boolean;
}

export interface BlockStore {
  /** Returns the users of `ids` whom the user has blocked. */
  blocked(userId: string, ids: readonly string[], db?: Db): Promise<string[]>;
  /** Returns the users of `ids` who have blocked the user or are blocked by the user. */
  separated(userId: string, ids: readonly string[], db?: Db): Promise<string[]>;
  /** Users whom the user has blocked, latest first. */
  page(userId: string, page: BlockPage): Promise<BlockRow[]>;
  /** Requires that the unit has locked the log, as does `unblock`. */
  block(tx: Db, blockerId: string, blockedId: string, position: number): Promise<void>;
  unblock(tx: Db, blockerId: string, blockedId: string): Promise<void>;
  /** Removes all blocks by a user. */
  eraseUser(tx: Db, blockerId: string): Promise<void>;
}

export function makeBlockStore(database: Database): BlockStore {
  const { main } = database;
  return {
    blocked: async (blockerId, ids, db = main) => {
      const rows = await db.prisma.block.findMany({
        where: { blockerId, blockedId: { in: [...ids] } },
        select: { blockedId: true },
      });
      return rows.map(({ blockedId }) => blockedId);
    },
    separated: async (userId, ids, db = main) => {
      const rows = await db.prisma.$queryRaw<{ id: string }[]>`
        SELECT "blockedId" AS id FROM "Block"
        WHERE "blockerId" = ${userId}::uuid AND "blockedId" = ANY(${[...ids]}::uuid[])
        UNION
        SELECT "blockerId" FROM "Block"
        WHERE "blockedId" = ${userId}::uuid AND "blockerId" = ANY(${[...ids]}::uuid[])`;
      return rows.map(({ id }) => id);
    },
    page: async (blockerId, { before, after, limit, inverted }) => {
      const rows = await main.prisma.block.findMany({
        where: {
          blockerId,
          position: {
            ...(after === undefined ? {} : { lt: after.position }),
            ...(before === undefined ? {} : { gt: before.position }),
          },
        },
        orderBy: { position: inverted ? "asc" : "desc" },
        take: limit,
        select: { position: true, blocked: true },
      });
      return rows.map(({ position, blocked }) => ({ position, person: blocked }));
    },
    block: async (tx, blockerId, blockedId, position) => {
      await tx.prisma.block.create({ data: { blockerId, blockedId, position } });
    },
    unblock: async (tx, blockerId, blockedId) => {
      await tx.prisma.block.deleteMany({ where: { blockerId, blockedId } });
    },
    eraseUser: async (tx, blockerId) => {
      await tx.prisma.block.deleteMany({ where: { blockerId } });
    },
  };
}
