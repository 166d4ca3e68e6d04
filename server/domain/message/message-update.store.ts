import { Prisma } from "../../generated/prisma/client.ts";
import type { Database, Db } from "../../infra/database/database.ts";
import { NIL_UUID } from "../../kernel/ids.ts";
import type { MentionRecord } from "./message.record.ts";
import { spansOf } from "./mention.ts";

/** A former text of a message. */
export interface EditRecord {
  id: string;
  body: string;
  /** When this text was replaced. */
  editedAt: Date;
}

export interface EditPage {
  before: EditKey | undefined;
  after: EditKey | undefined;
  limit: number;
  inverted: boolean;
}

export interface EditKey {
  editedAt: Date;
  id: string;
}

/** The new and the former text of a message. */
export interface NewText {
  body: string;
  mentions: readonly MentionRecord[];
  former: EditRecord;
}

export interface PinRecord {
  conversationId: string;
  messageId: string;
}

export interface MessageForUpdate {
  id: string;
  conversationId: string;
}

export interface MessageUpdateStore {
  /**
   * Locks a message, so that changes run one at a time. Returns its text; null if it is deleted or
   * missing.
   */
  lockBody(tx: Db, messageId: string): Promise<string | null>;
  /** Replaces the text and stores the former one. */
  edit(tx: Db, messageId: string, text: NewText): Promise<void>;
  /**
   * Replaces the mentions of a message: the members among these users; the nil UUID means all
   * members.
   */
  setTargets(tx: Db, messageId: string, targets: readonly string[]): Promise<void>;
  /**
   * Subtracts a deleted message from the totals of its thread. Requires that the unit has locked the log.
   */
  leaveThread(tx: Db, messageId: string): Promise<void>;
  /** Locks several messages. Returns those that are not deleted. */
  lockWhole(tx: Db, messageIds: readonly string[]): Promise<MessageForUpdate[]>;
  /**
   * Permanently removes texts, former texts, mentions, reactions and pins; the rows remain as tombstones.
   */
  erase(tx: Db, messageIds: readonly string[], at: Date): Promise<void>;
  pin(tx: Db, conversationId: string, messageId: string, at: Date): Promise<void>;
  unpin(tx: Db, messageId: string): Promise<void>;
  /** Former texts, latest first. */
  edits(messageId: string, page: EditPage): Promise<EditRecord[]>;
  isPinned(tx: Db, messageId: string): Promise<boolean>;
  pinCount(tx: Db, conversationId: string): Promise<number>;
  /** Pinned messages; in each conversation, the latest pin first. */
  pinned(conversationIds: readonly string[]): Promise<PinRecord[]>;
}

export function makeMessageUpdateStore(database: Database): MessageUpdateStore {
  return {
    lockBody: async (tx, messageId) => {
      const rows = await tx.prisma.$queryRaw<{ body: string; deletedAt: Date | null }[]>`
        SELECT body, "deletedAt" FROM "Message" WHERE id = ${messageId}::uuid FOR NO KEY UPDATE`;
      const row = rows[0];
      return row === undefined || row.deletedAt !== null ? null : row.body;
    },
    edit: async (tx, messageId, { body, mentions, former }) => {
      const spans = spansOf(mentions);
      await tx.prisma.messageEdit.create({ data: { ...former, messageId } });
      await tx.prisma.$executeRaw`
        UPDATE "Message" SET body = ${body}, "editedAt" = ${former.editedAt},
          mentions = ${spans === null ? null : JSON.stringify(spans)}::jsonb
        WHERE id = ${messageId}::uuid`;
    },
    setTargets: async (tx, messageId, targets) => {
      await tx.prisma.mention.deleteMany({ where: { messageId, userId: { notIn: [...targets] } } });
      if (targets.length === 0) return;
      await tx.prisma.$executeRaw`
        INSERT INTO "Mention" ("messageId", "userId", "conversationId", seq)
        SELECT m.id, target.id, m."conversationId", m.seq
        FROM "Message" m CROSS JOIN unnest(${[...targets]}::uuid[]) AS target (id)
        WHERE m.id = ${messageId}::uuid AND (target.id = ${NIL_UUID}::uuid OR EXISTS (
          SELECT FROM "Membership" s
          WHERE s."conversationId" = m."conversationId" AND s."userId" = target.id AND s."leftPosition" IS NULL
        ))
        ON CONFLICT DO NOTHING`;
    },
    leaveThread: async (tx, messageId) => {
      await tx.prisma.$executeRaw`
        UPDATE "Thread" t
        SET "replyCount" = t."replyCount" - 1, "lastReplyAt" = coalesce((
          SELECT r."createdAt" FROM "Message" r
          WHERE r."threadRootId" = t."rootId" AND r."deletedAt" IS NULL
          ORDER BY r.seq DESC LIMIT 1
        ), t."lastReplyAt")
        FROM "Message" m WHERE m.id = ${messageId}::uuid AND t."rootId" = m."threadRootId"`;
    },
    lockWhole: (tx, messageIds) =>
      tx.prisma.$queryRaw<MessageForUpdate[]>`
        SELECT id, "conversationId" FROM "Message"
        WHERE id = ANY(${[...messageIds]}::uuid[]) AND "deletedAt" IS NULL
        ORDER BY id FOR NO KEY UPDATE`,
    erase: async (tx, messageIds, at) => {
      const ids = [...messageIds];
      await tx.prisma.messageEdit.deleteMany({ where: { messageId: { in: ids } } });
      await tx.prisma.reaction.deleteMany({ where: { messageId: { in: ids } } });
      await tx.prisma.pin.deleteMany({ where: { messageId: { in: ids } } });
      await tx.prisma.mention.deleteMany({ where: { messageId: { in: ids } } });
      await tx.prisma.message.updateMany({
        where: { id: { in: ids } },
        data: { body: "", mentions: Prisma.DbNull, deletedAt: at },
      });
    },
    pin: async (tx, conversationId, messageId, at) => {
      await tx.prisma.pin.create({ data: { messageId, conversationId, pinnedAt: at } });
    },
    unpin: async (tx, messageId) => {
      await tx.prisma.pin.deleteMany({ where: { messageId } });
    },
    edits: (messageId, { before, after, limit, inverted }) => {
      const bound = (key: EditKey, side: "lt" | "gt") => ({
        OR: [
          { editedAt: { [side]: key.editedAt } },
          { editedAt: key.editedAt, id: { [side]: key.id } },
        ],
      });
      const direction = inverted ? "asc" : "desc";
      return database.main.prisma.messageEdit.findMany({
        where: {
          messageId,
          AND: [
            ...(after === undefined ? [] : [bound(after, "lt")]),
            ...(before === undefined ? [] : [bound(before, "gt")]),
          ],
        },
        orderBy: [{ editedAt: direction }, { id: direction }],
        take: limit,
        select: { id: true, body: true, editedAt: true },
      });
    },
    isPinned: async (tx, messageId) => (await tx.prisma.pin.count({ where: { messageId } })) > 0,
    pinCount: (tx, conversationId) => tx.prisma.pin.count({ where: { conversationId } }),
    pinned: (conversationIds) =>
      database.main.prisma.pin.findMany({
        where: { conversationId: { in: [...conversationIds] } },
        orderBy: [{ pinnedAt: "desc" }, { message: { seq: "desc" } }],
        select: { conversationId: true, messageId: true },
      }),
  };
}
