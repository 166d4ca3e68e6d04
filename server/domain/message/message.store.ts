import type { Database } from "../../infra/database/database.ts";
import type { Appended } from "../../log/appender.ts";
import type { MessageRecord, ReactionGroupRecord, UserRecord } from "../../log/records.ts";

/** A message that is to be appended. */
export interface Draft {
  id: string;
  conversationId: string;
  author: UserRecord;
  clientId: string;
  body: string;
  replyToId: string | null;
}

/** What became of a draft. For a duplicate, `id` is that of the first message. */
export type SendOutcome =
  | { status: "SENT"; message: MessageRecord; position: number }
  | { status: "DUPLICATE"; id: string; position: number }
  | { status: "NOT_A_MEMBER" | "NO_SUCH_REPLY" | "REPLY_DELETED" };

/** What decides about a message, without what it says. */
export interface MessagePlace {
  id: string;
  conversationId: string;
  authorId: string;
}

export interface MessagePage {
  before: number | undefined;
  after: number | undefined;
  limit: number;
  inverted: boolean;
}

export interface MessageStore {
  /** Writes messages and events in one round trip. One row of outcome for each draft, in their order. */
  append(drafts: readonly Draft[]): Promise<Appended<SendOutcome>[]>;
  findByIds(ids: readonly string[]): Promise<Map<string, MessageRecord>>;
  places(ids: readonly string[]): Promise<MessagePlace[]>;
  /** The newest message of each conversation, by conversation. */
  newest(conversationIds: readonly string[]): Promise<Map<string, MessageRecord>>;
  /** Messages in the order of their numbers, or the reverse when `inverted`. */
  page(conversationId: string, page: MessagePage): Promise<MessageRecord[]>;
}

interface AppendRow {
  status: string;
  id: string | null;
  seq: number | null;
  position: string | null;
  at: Date;
}

interface ReactionRow {
  messageId: string;
  emoji: string;
  count: number;
  users: (Omit<UserRecord, "createdAt"> & { createdAt: string })[];
}

interface MessageRow {
  id: string;
  conversationId: string;
  seq: number;
  clientId: string | null;
  body: string;
  createdAt: Date;
  editedAt: Date | null;
  deletedAt: Date | null;
  pinnedAt: Date | null;
  replyToId: string | null;
  authorId: string;
  username: string;
  usernameKey: string;
  displayName: string;
  userCreatedAt: Date;
}

const SELECT_MESSAGE = `
  SELECT m.id, m."conversationId", m.seq, m."clientId", m.body, m."createdAt", m."replyToId",
         m."editedAt", m."deletedAt", pin."pinnedAt",
         u.id AS "authorId", u.username, u."usernameKey", u."displayName", u."createdAt" AS "userCreatedAt"
  FROM "Message" m JOIN "User" u ON u.id = m."authorId"
  LEFT JOIN "Pin" pin ON pin."messageId" = m.id`;

export function makeMessageStore(database: Database): MessageStore {
  const select = (rest: string, ...parameters: unknown[]): Promise<MessageRow[]> =>
    database.current().$queryRawUnsafe<MessageRow[]>(`${SELECT_MESSAGE} ${rest}`, ...parameters);

  const plain = async (ids: readonly string[]): Promise<Map<string, MessageRow>> => {
    if (ids.length === 0) return new Map();
    const rows = await select(`WHERE m.id = ANY($1::uuid[])`, [...ids]);
    return new Map(rows.map((row) => [row.id, row]));
  };
  const reactionGroups = async (
    ids: readonly string[],
  ): Promise<Map<string, ReactionGroupRecord[]>> => {
    const groups = new Map<string, ReactionGroupRecord[]>();
    if (ids.length === 0) return groups;
    const rows = await database.current().$queryRaw<ReactionRow[]>`
      SELECT g."messageId", g.emoji, g.count, people.list AS users
      FROM (
        SELECT r."messageId", r.emoji, count(*)::int AS count, min(r."createdAt") AS first,
               (array_agg(r."userId" ORDER BY r."createdAt", r."userId"))[1:3] AS ids
        FROM "Reaction" r WHERE r."messageId" = ANY(${[...ids]}::uuid[])
        GROUP BY r."messageId", r.emoji
      ) g
      CROSS JOIN LATERAL (
        SELECT jsonb_agg(
                 jsonb_build_object('id', u.id, 'username', u.username, 'usernameKey', u."usernameKey",
                                    'displayName', u."displayName", 'createdAt', u."createdAt")
                 ORDER BY array_position(g.ids, u.id)) AS list
        FROM "User" u WHERE u.id = ANY(g.ids)
      ) people
      ORDER BY g."messageId", g.first, g.emoji`;
    for (const { messageId, emoji, count, users } of rows) {
      const people = users.map((user) => ({ ...user, createdAt: new Date(user.createdAt) }));
      groups.set(messageId, [...(groups.get(messageId) ?? []), { emoji, count, users: people }]);
    }
    return groups;
  };
  const complete = async (rows: readonly MessageRow[]): Promise<MessageRecord[]> => {
    const answered = await plain([...new Set(rows.flatMap((row) => row.replyToId ?? []))]);
    const reactions = await reactionGroups([
      ...new Set([...rows.map((row) => row.id), ...answered.keys()]),
    ]);
    const record = (row: MessageRow, replyTo: MessageRecord | null): MessageRecord =>
      toRecord(row, replyTo, reactions.get(row.id) ?? []);
    return rows.map((row) => {
      const reply = row.replyToId === null ? undefined : answered.get(row.replyToId);
      return record(row, reply === undefined ? null : record(reply, null));
    });
  };
  const findByIds = async (ids: readonly string[]): Promise<Map<string, MessageRecord>> => {
    const records = await complete([...(await plain(ids)).values()]);
    return new Map(records.map((record) => [record.id, record]));
  };

  return {
    findByIds,
    places: (ids) =>
      database.current().message.findMany({
        where: { id: { in: [...ids] } },
        select: { id: true, conversationId: true, authorId: true },
      }),
    append: async (drafts) => {
      const { rows } = await database.pool.query<AppendRow>({
        name: "log-append-messages",
        text: `SELECT status, id, seq, position, at FROM log_append_messages(
                 $1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[]) ORDER BY ord`,
        values: [
          drafts.map((draft) => draft.id),
          drafts.map((draft) => draft.conversationId),
          drafts.map((draft) => draft.author.id),
          drafts.map((draft) => draft.clientId),
          drafts.map((draft) => draft.body),
          drafts.map((draft) => draft.replyToId),
        ],
      });
      const sent = new Set(rows.flatMap((row) => (row.status === "SENT" ? (row.id ?? []) : [])));
      const answered = await findByIds(
        drafts.flatMap((draft) => (sent.has(draft.id) ? (draft.replyToId ?? []) : [])),
      );
      return rows.map((row, index) => {
        const draft = drafts[index];
        if (draft === undefined) throw new Error("More outcomes than messages");
        return toOutcome(draft, row, answered);
      });
    },
    newest: async (conversationIds) => {
      const rows = await select(
        `JOIN "ConversationHead" h ON h."conversationId" = m."conversationId" AND h."lastSeq" = m.seq
         WHERE h."conversationId" = ANY($1::uuid[])`,
        [...conversationIds],
      );
      return new Map((await complete(rows)).map((message) => [message.conversationId, message]));
    },
    page: async (conversationId, { before, after, limit, inverted }) => {
      const rows = await select(
        `WHERE m."conversationId" = $1::uuid AND m.seq > $2::int AND m.seq < $3::int
         ORDER BY m.seq ${inverted ? "DESC" : "ASC"} LIMIT $4::int`,
        conversationId,
        after ?? 0,
        before ?? 2_147_483_647,
        limit,
      );
      return complete(rows);
    },
  };
}

function toOutcome(
  draft: Draft,
  row: AppendRow,
  answered: ReadonlyMap<string, MessageRecord>,
): Appended<SendOutcome> {
  const { status, id, seq, position, at } = row;
  if (status === "NOT_A_MEMBER" || status === "NO_SUCH_REPLY" || status === "REPLY_DELETED")
    return { outcome: { status }, event: null };
  if (id === null || seq === null || position === null)
    throw new Error(`A stored message came back without a place`);
  const place = Number(position);
  if (status === "DUPLICATE") return { outcome: { status, id, position: place }, event: null };
  const { conversationId, author, clientId, body, replyToId } = draft;
  const replyTo = replyToId === null ? undefined : answered.get(replyToId);
  const message: MessageRecord = {
    id,
    conversationId,
    seq,
    author,
    clientId,
    body,
    createdAt: at,
    editedAt: null,
    deletedAt: null,
    pinnedAt: null,
    reactions: [],
    replyTo: replyTo === undefined ? null : { ...replyTo, replyTo: null },
  };
  return {
    outcome: { status: "SENT", message, position: place },
    event: {
      type: "MESSAGE_SENT",
      topic: conversationId,
      payload: { message },
      position: place,
      at,
    },
  };
}

function toRecord(
  row: MessageRow,
  replyTo: MessageRecord | null,
  reactions: ReactionGroupRecord[],
): MessageRecord {
  const { id, conversationId, seq, clientId, body, createdAt, editedAt, deletedAt, pinnedAt } = row;
  const author: UserRecord = {
    id: row.authorId,
    username: row.username,
    usernameKey: row.usernameKey,
    displayName: row.displayName,
    createdAt: row.userCreatedAt,
  };
  return {
    id,
    conversationId,
    seq,
    author,
    clientId,
    body,
    createdAt,
    editedAt,
    deletedAt,
    pinnedAt,
    reactions,
    replyTo,
  };
}
