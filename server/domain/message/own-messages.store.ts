import type { Database, Db } from "../../infra/database/database.ts";
import type { AttachmentRecord } from "../upload/attachment.record.ts";

/** A message in its author's export. */
export interface OwnMessageRow {
  id: string;
  clientId: string;
  conversationId: string;
  seq: number;
  body: string;
  replyToId: string | null;
  threadRootId: string | null;
  createdAt: Date;
  editedAt: Date | null;
  deletedAt: Date | null;
  attachments: AttachmentRecord[];
  /** Former texts, oldest first. */
  edits: { body: string; editedAt: string }[];
}

export interface OwnMessagesStore {
  /**
   * A user's messages in the order of client ids: the one order that already has an index, so that
   * sending maintains no further index. A user's message always has a client id.
   */
  page(userId: string, after: string | null, limit: number): Promise<OwnMessageRow[]>;
  /** The same without texts. */
  ids(
    tx: Db,
    userId: string,
    after: string | null,
    limit: number,
  ): Promise<{ id: string; clientId: string }[]>;
}

/** Precedes every client id. */
const FIRST = "00000000-0000-0000-0000-000000000000";

export function makeOwnMessagesStore(database: Database): OwnMessagesStore {
  return {
    page: (userId, after, limit) =>
      database.main.prisma.$queryRaw<OwnMessageRow[]>`
        SELECT m.id, m."clientId", m."conversationId", m.seq, m.body, m."replyToId", m."threadRootId",
               m."createdAt", m."editedAt", m."deletedAt", coalesce(m.attachments, '[]') AS attachments, coalesce(former.texts, '[]') AS edits
        FROM "Message" m
        LEFT JOIN LATERAL (
          SELECT jsonb_agg(jsonb_build_object('body', e.body, 'editedAt', e."editedAt") ORDER BY e."editedAt") AS texts
          FROM "MessageEdit" e WHERE e."messageId" = m.id
        ) former ON true
        WHERE m."authorId" = ${userId}::uuid AND m.kind = 'TEXT' AND m."clientId" > ${after ?? FIRST}::uuid
        ORDER BY m."clientId" LIMIT ${limit}::int`,
    ids: (tx, userId, after, limit) =>
      tx.prisma.$queryRaw<{ id: string; clientId: string }[]>`
        SELECT id, "clientId" FROM "Message"
        WHERE "authorId" = ${userId}::uuid AND kind = 'TEXT' AND "clientId" > ${after ?? FIRST}::uuid
        ORDER BY "clientId" LIMIT ${limit}::int`,
  };
}
