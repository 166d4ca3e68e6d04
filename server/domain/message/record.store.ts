import type { Database } from "../../infra/database/database.ts";
import type {
  AttachmentRecord,
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
}

/** A person inside a JSON value of PostgreSQL. */
type PersonJson = Omit<UserRecord, "createdAt" | "changedAt"> & {
  createdAt: string;
  changedAt: string | null;
};

interface ReactionRow {
  messageId: string;
  emoji: string;
  count: number;
  users: PersonJson[];
}

interface ThreadRow {
  rootId: string;
  replyCount: number;
  lastReplyAt: Date;
  repliers: PersonJson[] | null;
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
  hasThread: boolean;
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
const personJson = (table: string): string =>
  `jsonb_build_object('id', ${table}.id, 'username', ${table}.username, 'usernameKey', ${table}."usernameKey",
                      'displayName', ${table}."displayName", 'createdAt', ${table}."createdAt",
                      'avatarId', ${table}."avatarId", 'statusText', ${table}."statusText", 'changedAt', ${table}."changedAt")`;

const SELECT_MESSAGE = `
  SELECT m.id, m."conversationId", m.seq, m.kind::text AS kind, m."clientId", m.body, m.system, m.mentions, m.attachments,
         m."createdAt", m."replyToId", m."threadRootId", m."editedAt", m."deletedAt", pin."pinnedAt",
         thread."rootId" IS NOT NULL AS "hasThread",
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

const THREADS = `
  SELECT t."rootId", t."replyCount", t."lastReplyAt", people.list AS repliers
  FROM "Thread" t
  CROSS JOIN LATERAL (
    SELECT jsonb_agg(${personJson("u")} ORDER BY latest.seq DESC) AS list
    FROM (
      SELECT r."authorId", max(r.seq) AS seq
      FROM (
        SELECT "authorId", seq FROM "Message"
        WHERE "threadRootId" = t."rootId" AND "deletedAt" IS NULL
        ORDER BY seq DESC LIMIT ${String(REPLIES_LOOKED_AT)}
      ) r
      GROUP BY 1 ORDER BY 2 DESC LIMIT ${String(PEOPLE_SHOWN)}
    ) latest JOIN "User" u ON u.id = latest."authorId"
  ) people
  WHERE t."rootId" = ANY($1::uuid[]) AND t."replyCount" > 0`;

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

  const threadsOf = async (ids: readonly string[]): Promise<Map<string, ThreadRecord>> => {
    if (ids.length === 0) return new Map();
    const rows = await select<ThreadRow>(THREADS, [...ids]);
    return new Map(
      rows.map(({ rootId, replyCount, lastReplyAt, repliers }) => [
        rootId,
        { replyCount, lastReplyAt, repliers: (repliers ?? []).map(toPerson) },
      ]),
    );
  };

  const complete = async (rows: readonly MessageRow[]): Promise<MessageRecord[]> => {
    const answeredIds = [...new Set(rows.flatMap((row) => row.replyToId ?? []))];
    const answered = new Map((await rowsOf(answeredIds)).map((row) => [row.id, row]));
    const all = [...new Map([...rows, ...answered.values()].map((row) => [row.id, row])).values()];
    const reactions = await reactionsOf(all.map((row) => row.id));
    const threads = await threadsOf(all.flatMap((row) => (row.hasThread ? row.id : [])));
    const record = (row: MessageRow, replyTo: MessageRecord | null): MessageRecord =>
      toRecord(row, replyTo, reactions.get(row.id) ?? [], threads.get(row.id) ?? null);
    return rows.map((row) => {
      const reply = row.replyToId === null ? undefined : answered.get(row.replyToId);
      return record(row, reply === undefined ? null : record(reply, null));
    });
  };

  return {
    read: async (rest, ...parameters) =>
      complete(await select<MessageRow>(`${SELECT_MESSAGE} ${rest}`, ...parameters)),
    findByIds: async (ids) => {
      const records = await complete(await rowsOf(ids));
      return new Map(records.map((record) => [record.id, record]));
    },
  };
}

function toPerson(person: PersonJson): UserRecord {
  const { createdAt, changedAt } = person;
  return {
    ...person,
    createdAt: new Date(createdAt),
    changedAt: changedAt === null ? null : new Date(changedAt),
  };
}

function toRecord(
  row: MessageRow,
  replyTo: MessageRecord | null,
  reactions: ReactionGroupRecord[],
  thread: ThreadRecord | null,
): MessageRecord {
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
    mentions: row.mentions ?? [],
    attachments: row.attachments ?? [],
    threadRootId,
    thread,
    createdAt,
    editedAt,
    deletedAt,
    pinnedAt,
    reactions,
    replyTo,
  };
}
