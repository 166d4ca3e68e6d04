import { INT_MAX } from "../../kernel/int.ts";
import type { Database } from "../../infra/database/database.ts";
import type { ConversationAccess } from "../conversation/conversation.record.ts";
import { ACCESS, JOIN_ACCESS } from "../conversation/conversation.sql.ts";
import type { MentionRecord, MentionSpan, MessageRecord } from "./message.record.ts";
import type { ReactionGroupRecord } from "../reaction/reaction.record.ts";
import type { ThreadRecord } from "../thread/thread.record.ts";
import type { AttachmentRecord } from "../upload/attachment.record.ts";
import type { UserRecord } from "../user/user.record.ts";

/** Number of first reactors and last repliers in a record. */
const USERS_SHOWN = 3;
/** Number of latest replies among which the last repliers are found. */
const REPLIES_SCANNED = 50;

/** The messages between two numbers (both exclusive). */
export interface MessagePage {
  before: number | undefined;
  after: number | undefined;
  limit: number;
  inverted: boolean;
}

/** Reads messages in the form of events and results, in a constant number of statements. */
export interface MessageReader {
  /**
   * @param rest the SQL after `FROM "Message" m …`: conditions, order, limit; one of a fixed number of
   *   texts
   * @param parameters values of `$1`, `$2`, …
   */
  read(rest: string, ...parameters: unknown[]): Promise<MessageRecord[]>;
  /** Reads the existing messages of these ids with the viewer's access, in one snapshot. */
  readWithAccess(
    viewerId: string,
    ids: readonly string[],
  ): Promise<{ message: MessageRecord; access: ConversationAccess }[]>;
  /**
   * Reads a page of a conversation by number, in reverse if `inverted`, with the viewer's access, in one
   * snapshot; null if the conversation does not exist.
   */
  readPage(
    viewerId: string,
    conversationId: string,
    page: MessagePage,
  ): Promise<{ access: ConversationAccess; messages: MessageRecord[] } | null>;
  /** By id; missing messages are absent. */
  findByIds(ids: readonly string[]): Promise<Map<string, MessageRecord>>;
  /** The same, without `replyTo` and `threadRoot`. */
  findPlain(ids: readonly string[]): Promise<Map<string, MessageRecord>>;
}

/** A user in a JSON value of PostgreSQL. */
export type UserJson = Omit<UserRecord, "createdAt" | "changedAt"> & {
  createdAt: string;
  changedAt: string | null;
};

interface ReactionJson {
  emoji: string;
  count: number;
  users: UserJson[];
}

interface MessageRow {
  id: string;
  conversationId: string;
  seq: number;
  kind: "TEXT" | "SYSTEM";
  clientId: string | null;
  body: string;
  system: { type: string; value: string | null } | null;
  mentions: MentionSpan[] | null;
  attachments: AttachmentRecord[] | null;
  createdAt: Date;
  editedAt: Date | null;
  deletedAt: Date | null;
  pinnedAt: Date | null;
  replyToId: string | null;
  threadRootId: string | null;
  /** Null without replies. */
  replyCount: number | null;
  lastReplyAt: Date | null;
  repliers: UserJson[] | null;
  /** The users in `mentions`. */
  called: UserJson[] | null;
  authorId: string;
  username: string;
  usernameKey: string;
  displayName: string;
  userCreatedAt: Date;
  avatarId: string | null;
  statusText: string | null;
  userChangedAt: Date | null;
  target: UserJson | null;
  /** Null without reactions. */
  reactions: ReactionJson[] | null;
}

/** A row of "User" as JSON, for lists of users in one column. */
export const userJson = (table: string): string =>
  `jsonb_build_object('id', ${table}.id, 'username', ${table}.username, 'usernameKey', ${table}."usernameKey",
                      'displayName', ${table}."displayName", 'createdAt', ${table}."createdAt",
                      'avatarId', ${table}."avatarId", 'statusText', ${table}."statusText", 'changedAt', ${table}."changedAt")`;

/** The last repliers in the thread of the message `m`, latest first. */
const REPLIERS = `
  SELECT jsonb_agg(${userJson("replier")} ORDER BY latest.seq DESC)
  FROM (
    SELECT reply."authorId", max(reply.seq) AS seq
    FROM (
      SELECT "authorId", seq FROM "Message"
      WHERE "threadRootId" = m.id AND "deletedAt" IS NULL
      ORDER BY seq DESC LIMIT ${String(REPLIES_SCANNED)}
    ) reply
    GROUP BY 1 ORDER BY 2 DESC LIMIT ${String(USERS_SHOWN)}
  ) latest JOIN "User" replier ON replier.id = latest."authorId"`;

/** The users mentioned by the message `m`. */
const MENTIONED = `
  SELECT jsonb_agg(DISTINCT ${userJson("called")})
  FROM jsonb_array_elements(m.mentions) span JOIN "User" called ON called.id = (span ->> 'userId')::uuid`;

/** The reactions to the message `m`, by emoji, in the order of the first reaction. */
const REACTIONS = `
  SELECT jsonb_agg(jsonb_build_object('emoji', g.emoji, 'count', g.count, 'users', people.list) ORDER BY g.first, g.emoji)
  FROM (
    SELECT r.emoji, count(*)::int AS count, min(r."createdAt") AS first,
           (array_agg(r."userId" ORDER BY r."createdAt", r."userId"))[1:${String(USERS_SHOWN)}] AS ids
    FROM "Reaction" r WHERE r."messageId" = m.id GROUP BY r.emoji
  ) g
  CROSS JOIN LATERAL (
    SELECT jsonb_agg(${userJson("reacting")} ORDER BY array_position(g.ids, reacting.id)) AS list
    FROM "User" reacting WHERE reacting.id = ANY(g.ids)
  ) people`;

const COLUMNS = `
  m.id, m."conversationId", m.seq, m.kind::text AS kind, m."clientId", m.body, m.system, m.mentions, m.attachments,
  m."createdAt", m."replyToId", m."threadRootId", m."editedAt", m."deletedAt", pin."pinnedAt",
  CASE WHEN m.mentions IS NOT NULL THEN (${MENTIONED}) END AS called,
  CASE WHEN thread."replyCount" > 0 THEN thread."replyCount" END AS "replyCount", thread."lastReplyAt",
  CASE WHEN thread."replyCount" > 0 THEN (${REPLIERS}) END AS repliers,
  u.id AS "authorId", u.username, u."usernameKey", u."displayName", u."createdAt" AS "userCreatedAt",
  u."avatarId", u."statusText", u."changedAt" AS "userChangedAt",
  CASE WHEN target.id IS NOT NULL THEN ${userJson("target")} END AS target,
  CASE WHEN EXISTS (SELECT FROM "Reaction" r WHERE r."messageId" = m.id) THEN (${REACTIONS}) END AS reactions`;

const FROM_MESSAGE = `
  FROM "Message" m JOIN "User" u ON u.id = m."authorId"
  LEFT JOIN "Pin" pin ON pin."messageId" = m.id
  LEFT JOIN "Thread" thread ON thread."rootId" = m.id
  LEFT JOIN "User" target ON target.id = (m.system ->> 'targetId')::uuid`;

const SELECT_MESSAGE = `SELECT ${COLUMNS} ${FROM_MESSAGE}`;

export function makeMessageReader(database: Database): MessageReader {
  const rowsOf = async (ids: readonly string[]): Promise<MessageRow[]> =>
    ids.length === 0
      ? []
      : database.main.query<MessageRow>(`${SELECT_MESSAGE} WHERE m.id = ANY($1::uuid[])`, [ids]);

  const complete = async (rows: readonly MessageRow[]): Promise<MessageRecord[]> => {
    const known = new Map(rows.map((row) => [row.id, row]));
    const named = new Set(rows.flatMap(({ replyToId, threadRootId }) => [replyToId, threadRootId]));
    const missing = [...named].flatMap((id) => (id === null || known.has(id) ? [] : id));
    for (const row of await rowsOf(missing)) known.set(row.id, row);
    const namedBy = (id: string | null): MessageRecord | null => {
      const row = id === null ? undefined : known.get(id);
      return row === undefined ? null : toRecord(row);
    };
    return rows.map((row) => ({
      ...toRecord(row),
      replyTo: namedBy(row.replyToId),
      threadRoot: namedBy(row.threadRootId),
    }));
  };

  return {
    read: async (rest, ...parameters) =>
      complete(await database.main.query<MessageRow>(`${SELECT_MESSAGE} ${rest}`, parameters)),
    readWithAccess: async (viewerId, ids) => {
      if (ids.length === 0) return [];
      const rows = await database.main.query<MessageRow & ConversationAccess>(
        `SELECT ${ACCESS}, ${COLUMNS} ${FROM_MESSAGE}
         JOIN "Conversation" c ON c.id = m."conversationId" ${JOIN_ACCESS} WHERE m.id = ANY($2::uuid[])`,
        [viewerId, ids],
      );
      const messages = await complete(rows);
      return rows.flatMap(({ visibility, isMember, isBanned }, index) => {
        const message = messages[index];
        return message === undefined ? [] : { message, access: { visibility, isMember, isBanned } };
      });
    },
    readPage: async (viewerId, conversationId, { before, after, limit, inverted }) => {
      const order = `ORDER BY seq ${inverted ? "DESC" : "ASC"}`;
      // A conversation without such messages returns one row without a message.
      const rows = await database.main.query<(MessageRow | { id: null }) & ConversationAccess>(
        `SELECT ${ACCESS}, said.* FROM "Conversation" c ${JOIN_ACCESS}
         LEFT JOIN LATERAL (
           ${SELECT_MESSAGE} WHERE m."conversationId" = $2::uuid AND m.seq > $3::int AND m.seq < $4::int
           ${order} LIMIT $5::int
         ) said ON true
         WHERE c.id = $2::uuid ${order}`,
        [viewerId, conversationId, after ?? 0, before ?? INT_MAX, limit],
      );
      const [first] = rows;
      if (first === undefined) return null;
      const { visibility, isMember, isBanned } = first;
      const messages = await complete(rows.filter((row) => row.id !== null));
      return { access: { visibility, isMember, isBanned }, messages };
    },
    findByIds: async (ids) => {
      const records = await complete(await rowsOf(ids));
      return new Map(records.map((record) => [record.id, record]));
    },
    findPlain: async (ids) => new Map((await rowsOf(ids)).map((row) => [row.id, toRecord(row)])),
  };
}

export function toUser(person: UserJson): UserRecord {
  const { createdAt, changedAt } = person;
  return {
    ...person,
    createdAt: new Date(createdAt),
    changedAt: changedAt === null ? null : new Date(changedAt),
  };
}

function toThread({ replyCount, lastReplyAt, repliers }: MessageRow): ThreadRecord | null {
  if (replyCount === null || lastReplyAt === null) return null;
  return { replyCount, lastReplyAt, repliers: (repliers ?? []).map(toUser) };
}

function toReactions({ emoji, count, users }: ReactionJson): ReactionGroupRecord {
  return { emoji, count, users: users.map(toUser) };
}

function toMentions({ mentions, called }: MessageRow): MentionRecord[] {
  const people = new Map((called ?? []).map((person) => [person.id, toUser(person)]));
  return (mentions ?? []).map((span) => ({ ...span, user: people.get(span.userId ?? "") ?? null }));
}

/** Without `replyTo` and `threadRoot`. */
function toRecord(row: MessageRow): MessageRecord {
  const { authorId, username, usernameKey, displayName, userCreatedAt } = row;
  const { avatarId, statusText, userChangedAt } = row;
  const { id, conversationId, seq, kind, clientId, body, system, threadRootId } = row;
  const { createdAt, editedAt, deletedAt, pinnedAt } = row;
  return {
    id,
    conversationId,
    seq,
    kind,
    author: {
      id: authorId,
      username,
      usernameKey,
      displayName,
      createdAt: userCreatedAt,
      avatarId,
      statusText,
      changedAt: userChangedAt,
    },
    clientId,
    body,
    system:
      system === null
        ? null
        : {
            type: system.type,
            value: system.value,
            target: row.target === null ? null : toUser(row.target),
          },
    mentions: toMentions(row),
    attachments: row.attachments ?? [],
    threadRootId,
    threadRoot: null,
    thread: toThread(row),
    createdAt,
    editedAt,
    deletedAt,
    pinnedAt,
    reactions: (row.reactions ?? []).map(toReactions),
    replyTo: null,
  };
}
