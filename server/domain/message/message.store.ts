import type { Database, Db } from "../../infra/database/database.ts";
import type { Appended } from "../../log/batch-writer.ts";
import type { MentionRecord, MessageRecord } from "./message.record.ts";
import type { AttachmentRecord } from "../upload/attachment.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import { spansOf, targetsOf } from "./mention.ts";
import { messageSent } from "./message.events.ts";
import { makeMessageReader, type MessageReader } from "./message-reader.store.ts";

export type { MessagePage } from "./message-reader.store.ts";

/** A message to append. */
export interface Draft {
  id: string;
  conversationId: string;
  author: UserRecord;
  clientId: string;
  body: string;
  replyToId: string | null;
  /** The root message of its thread. */
  threadRootId: string | null;
  mentions: MentionRecord[];
  /** Unused files of the author. */
  attachments: AttachmentRecord[];
}

/** The outcome of a draft. For a duplicate, `id` is that of the first message. */
export type SendOutcome =
  | { status: "SENT"; message: MessageRecord; position: number }
  | { status: "DUPLICATE"; id: string; position: number }
  | { status: "MUTED" | "SLOW_MODE"; until: Date }
  | { status: Refusal };

type Refusal = (typeof REFUSALS)[number];

const REFUSALS = [
  "NOT_A_MEMBER",
  "ARCHIVED",
  "BLOCKED",
  "NO_SUCH_REPLY",
  "REPLY_DELETED",
  "NO_SUCH_THREAD",
  "NO_SUCH_FILE",
] as const;

/** The inputs of decisions about a message, without its content. */
export interface MessagePlace {
  id: string;
  conversationId: string;
  authorId: string;
  kind: "TEXT" | "SYSTEM";
  threadRootId: string | null;
}

export interface MessageStore {
  /** Stores messages and events in one round trip. Returns one outcome for each draft, in order. */
  append(drafts: readonly Draft[]): Promise<Appended<SendOutcome>[]>;
  findByIds(ids: readonly string[]): Promise<Map<string, MessageRecord>>;
  places(ids: readonly string[], db?: Db): Promise<MessagePlace[]>;
  /** The newest message of each conversation, by conversation. */
  newest(conversationIds: readonly string[]): Promise<Map<string, MessageRecord>>;
  page: MessageReader["readPage"];
  findWithAccess: MessageReader["readWithAccess"];
}

interface AppendRow {
  status: string;
  id: string | null;
  seq: number | null;
  position: string | null;
  at: Date;
  until: Date | null;
}

export function makeMessageStore(database: Database): MessageStore {
  const reader = makeMessageReader(database);

  return {
    findByIds: reader.findByIds,
    places: (ids, db = database.main) =>
      db.prisma.message.findMany({
        where: { id: { in: [...ids] } },
        select: { id: true, conversationId: true, authorId: true, kind: true, threadRootId: true },
      }),
    append: async (drafts) => {
      const append = drafts.length === 1 ? "log_append_message" : "log_append_messages";
      const rows = await database.log.query<AppendRow>(
        `SELECT status, id, seq, position, at, until FROM ${append}(
                 $1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::jsonb[]) ORDER BY ord`,
        [
          drafts.map((draft) => draft.id),
          drafts.map((draft) => draft.conversationId),
          drafts.map((draft) => draft.author.id),
          drafts.map((draft) => draft.clientId),
          drafts.map((draft) => draft.body),
          drafts.map((draft) => draft.replyToId),
          drafts.map(extraOf),
        ],
      );
      const sent = new Set(rows.flatMap((row) => (row.status === "SENT" ? (row.id ?? []) : [])));
      const named = drafts.flatMap(({ id, replyToId, threadRootId }) =>
        sent.has(id) ? [replyToId ?? [], threadRootId ?? []].flat() : [],
      );
      // Read after COMMIT, so that a thread's root message counts the reply.
      const messages = await reader.findPlain([...new Set(named)]);
      return rows.map((row, index) => {
        const draft = drafts[index];
        if (draft === undefined)
          throw new Error("The database returned more outcomes than messages");
        return toOutcome(draft, row, messages);
      });
    },
    newest: async (conversationIds) => {
      const messages = await reader.read(
        `JOIN "ConversationHead" h ON h."conversationId" = m."conversationId" AND h."lastSeq" = m.seq
         WHERE h."conversationId" = ANY($1::uuid[])`,
        [...conversationIds],
      );
      return new Map(messages.map((message) => [message.conversationId, message]));
    },
    page: reader.readPage,
    findWithAccess: reader.readWithAccess,
  };
}

/** Returns the argument of `log_append_messages` beside the text; null for a plain message. */
function extraOf({ threadRootId, mentions, attachments, author }: Draft): string | null {
  if (threadRootId === null && mentions.length === 0 && attachments.length === 0) return null;
  return JSON.stringify({
    thread: threadRootId,
    mentions: spansOf(mentions),
    targets: targetsOf(mentions, author.id),
    ...(attachments.length === 0 ? {} : { attachments }),
  });
}

function toOutcome(
  draft: Draft,
  row: AppendRow,
  named: ReadonlyMap<string, MessageRecord>,
): Appended<SendOutcome> {
  const { status, id, seq, position, at, until } = row;
  const refusal = REFUSALS.find((known) => known === status);
  if (refusal !== undefined) return { outcome: { status: refusal }, event: null };
  if ((status === "MUTED" || status === "SLOW_MODE") && until !== null)
    return { outcome: { status, until }, event: null };
  if (id === null || seq === null || position === null)
    throw new Error(`A stored message has no position`);
  const place = Number(position);
  if (status === "DUPLICATE") return { outcome: { status, id, position: place }, event: null };
  const { conversationId, author, clientId, body, replyToId, threadRootId, mentions } = draft;
  const { attachments } = draft;
  const message: MessageRecord = {
    id,
    conversationId,
    seq,
    kind: "TEXT",
    author,
    clientId,
    body,
    system: null,
    mentions,
    attachments,
    threadRootId,
    threadRoot: named.get(threadRootId ?? "") ?? null,
    thread: null,
    createdAt: at,
    editedAt: null,
    deletedAt: null,
    pinnedAt: null,
    reactions: [],
    replyTo: named.get(replyToId ?? "") ?? null,
  };
  return {
    outcome: { status: "SENT", message, position: place },
    event: {
      type: messageSent.type,
      topic: conversationId,
      payload: { message },
      position: place,
      at,
    },
  };
}
