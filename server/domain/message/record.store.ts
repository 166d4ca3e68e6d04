import type { Database } from "../../infra/database/database.ts";
import type {
  AttachmentRecord,
  MentionRecord,
  MentionSpan,
  MessageRecord,
  ReactionGroupRecord,
  ThreadRecord,
  UserRecord,
} from "../../log/records.ts";

/** The first people who reacted, and the last who replied, that a record names. */
const PEOPLE_SHOWN = 3;
/** Latest replies of a thread among which its last repliers are looked for. */
const REPLIES_LOOKED_AT = 50;

/** Reads messages as events and answers show them, in a number of statements that does not grow with theirs. */
export interface MessageReader {
  /**
   * @param rest what follows `FROM "Message" m …`: conditions, order, limit
   * @param parameters values of `$1`, `$2`, …
   */
  read(rest: string, ...parameters: unknown[]): Promise<MessageRecord[]>;
  /** By id; what is gone is missing. */
  findByIds(ids: readonly string[]): Promise<Map<string, MessageRecord>>;
  /** The same without what they answer and without the first messages of their threads. */
  findPlain(ids: readonly string[]): Promise<Map<string, MessageRecord>>;
}

/** A person inside a JSON value of PostgreSQL. */
export type PersonJson = Omit<UserRecord, "createdAt" | "changedAt"> & {
  createdAt: string;
  changedAt: string | null;
};

interface ReactionRow {
  messageId: string;
  emoji: string;
  count: number;
  users: PersonJson[];
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
  /** Null where nobody has replied. */
  replyCount: number | null;
  lastReplyAt: Date | null;
  repliers: PersonJson[] | null;
  /** Whom `mentions` name. */
  called: PersonJson[] | null;
  authorId: string;
  username: string;
  usernameKey: string;
  displayName: string;
  userCreatedAt: Date;
  avatarId: string | null;
  statusText: string | null;
  userChangedAt: Date | null;
  target: PersonJson | null;
}

/** A row of "User" as JSON, for lists of people in one column. */
export const personJson = (table: string): string =>
  `jsonb_build_object('id', ${table}.id, 'username', ${table}.username, 'usernameKey', ${table}."usernameKey",
                      'displayName', ${table}."displayName", 'createdAt', ${table}."createdAt",
                      'avatarId', ${table}."avatarId", 'statusText', ${table}."statusText", 'changedAt', ${table}."changedAt")`;

/** Who replied last in the thread of the message `m`, the latest first. */
const REPLIERS = `
  SELECT jsonb_agg(${personJson("replier")} ORDER BY latest.seq DESC)
  FROM (
    SELECT reply."authorId", max(reply.seq) AS seq
    FROM (
      SELECT "authorId", seq FROM "Message"
      WHERE "threadRootId" = m.id AND "deletedAt" IS NULL
      ORDER BY seq DESC LIMIT ${String(REPLIES_LOOKED_AT)}
    ) reply
    GROUP BY 1 ORDER BY 2 DESC LIMIT ${String(PEOPLE_SHOWN)}
  ) latest JOIN "User" replier ON replier.id = latest."authorId"`;

/** Whom the message `m` mentions. */
const CALLED = `
  SELECT jsonb_agg(DISTINCT ${personJson("called")})
  FROM jsonb_array_elements(m.mentions) span JOIN "User" called ON called.id = (span ->> 'userId')::uuid`;

const SELECT_MESSAGE = `
  SELECT m.id, m."conversationId", m.seq, m.kind::text AS kind, m."clientId", m.body, m.system, m.mentions, m.attachments,
         m."createdAt", m."replyToId", m."threadRootId", m."editedAt", m."deletedAt", pin."pinnedAt",
         CASE WHEN m.mentions IS NOT NULL THEN (${CALLED}) END AS called,
         CASE WHEN thread."replyCount" > 0 THEN thread."replyCount" END AS "replyCount", thread."lastReplyAt",
         CASE WHEN thread."replyCount" > 0 THEN (${REPLIERS}) END AS repliers,
         u.id AS "authorId", u.username, u."usernameKey", u."displayName", u."createdAt" AS "userCreatedAt",
         u."avatarId", u."statusText", u."changedAt" AS "userChangedAt",
         CASE WHEN target.id IS NOT NULL THEN ${personJson("target")} END AS target
  FROM "Message" m JOIN "User" u ON u.id = m."authorId"
  LEFT JOIN "Pin" pin ON pin."messageId" = m.id
  LEFT JOIN "Thread" thread ON thread."rootId" = m.id
  LEFT JOIN "User" target ON target.id = (m.system ->> 'targetId')::uuid`;

const REACTIONS = `
  SELECT g."messageId", g.emoji, g.count, people.list AS users
  FROM (
    SELECT r."messageId", r.emoji, count(*)::int AS count, min(r."createdAt") AS first,
           (array_agg(r."userId" ORDER BY r."createdAt", r."userId"))[1:${String(PEOPLE_SHOWN)}] AS ids
    FROM "Reaction" r WHERE r."messageId" = ANY($1::uuid[])
    GROUP BY r."messageId", r.emoji
  ) g
  CROSS JOIN LATERAL (
    SELECT jsonb_agg(${personJson("u")} ORDER BY array_position(g.ids, u.id)) AS list
    FROM "User" u WHERE u.id = ANY(g.ids)
  ) people
  ORDER BY g."messageId", g.first, g.emoji`;

export function makeMessageReader(database: Database): MessageReader {
  const select = <Row>(sql: string, ...parameters: unknown[]): Promise<Row[]> =>
    database.current().$queryRawUnsafe<Row[]>(sql, ...parameters);

  const rowsOf = async (ids: readonly string[]): Promise<MessageRow[]> =>
    ids.length === 0
      ? []
      : select<MessageRow>(`${SELECT_MESSAGE} WHERE m.id = ANY($1::uuid[])`, [...ids]);

  const reactionsOf = async (
    ids: readonly string[],
  ): Promise<Map<string, ReactionGroupRecord[]>> => {
    const groups = new Map<string, ReactionGroupRecord[]>();
    if (ids.length === 0) return groups;
    for (const { messageId, emoji, count, users } of await select<ReactionRow>(REACTIONS, [
      ...ids,
    ])) {
      const group = { emoji, count, users: users.map(toPerson) };
      groups.set(messageId, [...(groups.get(messageId) ?? []), group]);
    }
    return groups;
  };

  const complete = async (rows: readonly MessageRow[]): Promise<MessageRecord[]> => {
    const known = new Map(rows.map((row) => [row.id, row]));
    const named = new Set(rows.flatMap(({ replyToId, threadRootId }) => [replyToId, threadRootId]));
    const missing = [...named].flatMap((id) => (id === null || known.has(id) ? [] : id));
    for (const row of await rowsOf(missing)) known.set(row.id, row);
    const reactions = await reactionsOf([...known.keys()]);
    const plain = (row: MessageRow): MessageRecord => toRecord(row, reactions.get(row.id) ?? []);
    const namedBy = (id: string | null): MessageRecord | null => {
      const row = id === null ? undefined : known.get(id);
      return row === undefined ? null : plain(row);
    };
    return rows.map((row) => ({
      ...plain(row),
      replyTo: namedBy(row.replyToId),
      threadRoot: namedBy(row.threadRootId),
    }));
  };

  return {
    read: async (rest, ...parameters) =>
      complete(await select<MessageRow>(`${SELECT_MESSAGE} ${rest}`, ...parameters)),
    findByIds: async (ids) => {
      const records = await complete(await rowsOf(ids));
      return new Map(records.map((record) => [record.id, record]));
    },
    findPlain: async (ids) => {
      const rows = await rowsOf(ids);
      const reactions = await reactionsOf(rows.map(({ id }) => id));
      return new Map(rows.map((row) => [row.id, toRecord(row, reactions.get(row.id) ?? [])]));
    },
  };
}

export function toPerson(person: PersonJson): UserRecord {
  const { createdAt, changedAt } = person;
  return {
    ...person,
    createdAt: new Date(createdAt),
    changedAt: changedAt === null ? null : new Date(changedAt),
  };
}

function toThread({ replyCount, lastReplyAt, repliers }: MessageRow): ThreadRecord | null {
  if (replyCount === null || lastReplyAt === null) return null;
  return { replyCount, lastReplyAt, repliers: (repliers ?? []).map(toPerson) };
}

function toMentions({ mentions, called }: MessageRow): MentionRecord[] {
  const people = new Map((called ?? []).map((person) => [person.id, toPerson(person)]));
  return (mentions ?? []).map((span) => ({ ...span, user: people.get(span.userId ?? "") ?? null }));
}

/** Without what it answers and without the first message of its thread. */
function toRecord(row: MessageRow, reactions: ReactionGroupRecord[]): MessageRecord {
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
            target: row.target === null ? null : toPerson(row.target),
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
    reactions,
    replyTo: null,
  };
}
