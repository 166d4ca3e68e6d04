import type { Database, Db } from "../../infra/database/database.ts";
import { NIL_UUID } from "../../kernel/ids.ts";
import { isMembershipOf } from "../conversation/conversation.sql.ts";

/** A text that a user has written but not sent. */
export interface DraftRecord {
  id: string;
  conversationId: string;
  /** The root message of its thread; null outside threads. */
  threadRootId: string | null;
  replyToId: string | null;
  body: string;
  updatedAt: Date;
  /** Log position of its last change. */
  position: number;
}

export interface DraftPage {
  /** Log positions; the list is sorted by them, latest first. */
  before: number | undefined;
  after: number | undefined;
  limit: number;
  inverted: boolean;
}

export interface DraftStore {
  findById(id: string): Promise<DraftRecord | null>;
  /** A user's drafts, by root message of a thread or by conversation. */
  of(userId: string, placeIds: readonly string[]): Promise<Map<string, DraftRecord>>;
  /** A user's drafts in the user's conversations, last changed first. */
  page(userId: string, page: DraftPage): Promise<DraftRecord[]>;
  /** Locks one draft, so that changes run one at a time. Returns the current draft. */
  lock(tx: Db, userId: string, placeId: string): Promise<DraftRecord | null>;
  /**
   * Stores a draft.
   *
   * @param mayReplace whether another draft may exist
   * @returns false if another draft exists and must not be replaced
   */
  put(tx: Db, userId: string, draft: DraftRecord, mayReplace: boolean): Promise<boolean>;
  remove(tx: Db, id: string): Promise<void>;
  removeAll(tx: Db, userId: string): Promise<void>;
  /** All drafts of a user, in a fixed order. */
  ofUser(userId: string, after: string | null, limit: number): Promise<DraftRecord[]>;
}

type DraftRow = Omit<DraftRecord, "position"> & { position: bigint };

const COLUMNS = `d.id, d."conversationId", d."threadRootId", d."replyToId", d.body, d."updatedAt", d.position`;

export function makeDraftStore(database: Database): DraftStore {
  const select = async (db: Db, rest: string, ...parameters: unknown[]): Promise<DraftRecord[]> => {
    const rows = await db.prisma.$queryRawUnsafe<DraftRow[]>(
      `SELECT ${COLUMNS} FROM "Draft" d ${rest}`,
      ...parameters,
    );
    return rows.map((row) => ({ ...row, position: Number(row.position) }));
  };
  return {
    findById: async (id) => (await select(database.main, "WHERE d.id = $1::uuid", id))[0] ?? null,
    of: async (userId, placeIds) => {
      const drafts = await select(
        database.main,
        `WHERE d."userId" = $1::uuid AND d."placeId" = ANY($2::uuid[])`,
        userId,
        [...placeIds],
      );
      return new Map(drafts.map((draft) => [placeOf(draft), draft]));
    },
    page: (userId, { before, after, limit, inverted }) =>
      select(
        database.main,
        `JOIN "Membership" own ON ${isMembershipOf("own", 'd."conversationId"', 'd."userId"')}
         WHERE d."userId" = $1::uuid AND d.position > $2::bigint AND d.position < $3::bigint
         ORDER BY d.position ${inverted ? "ASC" : "DESC"} LIMIT $4::int`,
        userId,
        before ?? 0,
        after ?? Number.MAX_SAFE_INTEGER,
        limit,
      ),
    lock: async (tx, userId, placeId) => {
      const rest = `WHERE d."userId" = $1::uuid AND d."placeId" = $2::uuid FOR UPDATE`;
      return (await select(tx, rest, userId, placeId))[0] ?? null;
    },
    put: async (tx, userId, draft, mayReplace) => {
      const { id, conversationId, threadRootId, replyToId, body, updatedAt, position } = draft;
      const written = await tx.prisma.$executeRaw`
        INSERT INTO "Draft" AS d
          (id, "userId", "placeId", "conversationId", "threadRootId", "replyToId", body, "updatedAt", position)
        VALUES (${id}::uuid, ${userId}::uuid, ${placeOf(draft)}::uuid, ${conversationId}::uuid,
                ${threadRootId}::uuid, ${replyToId}::uuid, ${body}, ${updatedAt}, ${position}::bigint)
        ON CONFLICT ("userId", "placeId") DO UPDATE
          SET id = excluded.id, "replyToId" = excluded."replyToId", body = excluded.body,
              "updatedAt" = excluded."updatedAt", position = excluded.position
          WHERE ${mayReplace}`;
      return written > 0;
    },
    remove: async (tx, id) => {
      await tx.prisma.draft.deleteMany({ where: { id } });
    },
    removeAll: async (tx, userId) => {
      await tx.prisma.draft.deleteMany({ where: { userId } });
    },
    ofUser: (userId, after, limit) =>
      select(
        database.main,
        `WHERE d."userId" = $1::uuid AND d.id > $2::uuid ORDER BY d.id LIMIT $3::int`,
        userId,
        after ?? NIL_UUID,
        limit,
      ),
  };
}

/** The root message or the conversation: there is one draft for each. */
export function placeOf(draft: { conversationId: string; threadRootId: string | null }): string {
  return draft.threadRootId ?? draft.conversationId;
}
