import type { Database, Queryable } from "../../infra/database/database.ts";

/** A text that a message had before it was edited. */
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

export interface PinRecord {
  conversationId: string;
  messageId: string;
}

export interface MessageInPlace {
  id: string;
  conversationId: string;
}

export interface ChangeStore {
  /** Makes changes of one message take turns; answers its text, or null when it is deleted or gone. */
  lockBody(tx: Queryable, messageId: string): Promise<string | null>;
  /** Replaces the text and keeps the former one. */
  edit(tx: Queryable, messageId: string, body: string, former: EditRecord): Promise<void>;
  /** Makes changes of several messages take turns; answers those that are not deleted. */
  lockWhole(tx: Queryable, messageIds: readonly string[]): Promise<MessageInPlace[]>;
  /** Removes texts for good, with all former ones, reactions and pins; tombstones stay. */
  erase(tx: Queryable, messageIds: readonly string[], at: Date): Promise<void>;
  pin(tx: Queryable, conversationId: string, messageId: string, at: Date): Promise<void>;
  unpin(tx: Queryable, messageId: string): Promise<void>;
  /** Former texts, the latest first. */
  edits(messageId: string, page: EditPage): Promise<EditRecord[]>;
  isPinned(tx: Queryable, messageId: string): Promise<boolean>;
  pinCount(tx: Queryable, conversationId: string): Promise<number>;
  /** Pinned messages, those of one conversation with the last pinned first. */
  pinned(conversationIds: readonly string[]): Promise<PinRecord[]>;
}

export function makeChangeStore(database: Database): ChangeStore {
  return {
    lockBody: async (tx, messageId) => {
      const rows = await tx.$queryRaw<{ body: string; deletedAt: Date | null }[]>`
        SELECT body, "deletedAt" FROM "Message" WHERE id = ${messageId}::uuid FOR NO KEY UPDATE`;
      const row = rows[0];
      return row === undefined || row.deletedAt !== null ? null : row.body;
    },
    edit: async (tx, messageId, body, former) => {
      await tx.messageEdit.create({ data: { ...former, messageId } });
      await tx.message.update({
        where: { id: messageId },
        data: { body, editedAt: former.editedAt },
      });
    },
    lockWhole: (tx, messageIds) =>
      tx.$queryRaw<MessageInPlace[]>`
        SELECT id, "conversationId" FROM "Message"
        WHERE id = ANY(${[...messageIds]}::uuid[]) AND "deletedAt" IS NULL
        ORDER BY id FOR NO KEY UPDATE`,
    erase: async (tx, messageIds, at) => {
      const ids = [...messageIds];
      await tx.messageEdit.deleteMany({ where: { messageId: { in: ids } } });
      await tx.reaction.deleteMany({ where: { messageId: { in: ids } } });
      await tx.pin.deleteMany({ where: { messageId: { in: ids } } });
      await tx.message.updateMany({
        where: { id: { in: ids } },
        data: { body: "", deletedAt: at },
      });
    },
    pin: async (tx, conversationId, messageId, at) => {
      await tx.pin.create({ data: { messageId, conversationId, pinnedAt: at } });
    },
    unpin: async (tx, messageId) => {
      await tx.pin.deleteMany({ where: { messageId } });
    },
    edits: (messageId, { before, after, limit, inverted }) => {
      const bound = (key: EditKey, side: "lt" | "gt") => ({
        OR: [
          { editedAt: { [side]: key.editedAt } },
          { editedAt: key.editedAt, id: { [side]: key.id } },
        ],
      });
      const direction = inverted ? "asc" : "desc";
      return database.current().messageEdit.findMany({
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
    isPinned: async (tx, messageId) => (await tx.pin.count({ where: { messageId } })) > 0,
    pinCount: (tx, conversationId) => tx.pin.count({ where: { conversationId } }),
    pinned: (conversationIds) =>
      database.current().pin.findMany({
        where: { conversationId: { in: [...conversationIds] } },
        orderBy: [{ pinnedAt: "desc" }, { message: { seq: "desc" } }],
        select: { conversationId: true, messageId: true },
      }),
  };
}
