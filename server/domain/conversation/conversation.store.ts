import type { Database, Queryable } from "../../infra/database/database.ts";
import { fromJsonRow } from "../../infra/database/json-row.ts";
import type {
  ConversationRecord,
  DirectRecord,
  MembershipRecord,
  UserRecord,
} from "../../log/records.ts";

export type Role = MembershipRecord["role"];

/** What decides about access: the conversation's kind and the viewer's place in it. */
export interface Access {
  conversationId: string;
  kind: "ROOM" | "DIRECT";
  visibility: "PUBLIC" | "PRIVATE";
  role: Role | null;
  isMember: boolean;
  /** Whether a ban of the viewer is in force. */
  isBanned: boolean;
  /** When that ban ends; null for never, or without one. */
  bannedUntil: Date | null;
  /** Until when a moderator lets the viewer say nothing; may be in the past. */
  mutedUntil: Date | null;
  /** Since when nothing may be said any more; null while it may. */
  archivedAt: Date | null;
}

/** A person who goes, and the place in the log where the conversation ends for them. */
export interface Departure {
  conversationId: string;
  userId: string;
  position: number;
  at: Date;
}

/** What decides about access, with the number of the newest message. */
export type Reach = Access & { lastSeq: number };

/** What changes with every message or member, read for many conversations at once. */
export interface ConversationStats {
  lastSeq: number;
  /** How many messages count as something to read. */
  counted: number;
  lastActivityAt: Date;
  memberCount: number;
}

export interface ActivityKey {
  lastActivityAt: Date;
  id: string;
}

/** A conversation in a person's list, with what was read of it on the way. */
export type ListedConversation = ActivityKey & {
  conversation: ConversationRecord;
  stats: ConversationStats;
  membership: MembershipRecord;
  access: Access;
};

export interface KeysetPage<K> {
  before: K | undefined;
  after: K | undefined;
  limit: number;
  inverted: boolean;
}

export interface MembershipKey {
  joinedPosition: bigint;
}

export type MembershipRow = MembershipRecord & MembershipKey;

/** A membership as the person's export shows it. */
export interface OwnMembership {
  id: string;
  conversationId: string;
  kind: "ROOM" | "DIRECT";
  /** The room's name; null for a direct conversation. */
  name: string | null;
  role: Role;
  joinedAt: Date;
  leftAt: Date | null;
  lastReadSeq: number;
}

export interface ConversationStore {
  findByIds(ids: readonly string[]): Promise<ConversationRecord[]>;
  /** Those of these ids that there are, each with what the person may do there. */
  findWithAccess(
    userId: string,
    ids: readonly string[],
  ): Promise<{ conversation: ConversationRecord; access: Access }[]>;
  access(userId: string, conversationIds: readonly string[]): Promise<Access[]>;
  /** The same with more; null asks for all conversations that are public or have the person as a member. */
  reach(userId: string, conversationIds: readonly string[] | null): Promise<Reach[]>;
  stats(ids: readonly string[]): Promise<(ConversationStats & { id: string })[]>;
  /** Ids of the conversations that a person is a member of. */
  topicsOf(userIds: readonly string[]): Promise<[userId: string, topic: string][]>;
  /** Ids of the people in a conversation. */
  memberIdsOf(conversationId: string): Promise<string[]>;
  /** How many of some people are in each conversation; missing where nobody is. */
  countAmong(
    conversationIds: readonly string[],
    userIds: readonly string[],
  ): Promise<{ id: string; count: number }[]>;
  /** A person's conversations, the one with the newest activity first. */
  pageOf(
    userId: string,
    kind: "ROOM" | "DIRECT" | null,
    page: KeysetPage<ActivityKey>,
  ): Promise<ListedConversation[]>;
  /** @param among only these people; null for all */
  members(
    conversationId: string,
    role: Role | null,
    page: KeysetPage<MembershipKey>,
    among: readonly string[] | null,
  ): Promise<MembershipRow[]>;
  memberships(userId: string, conversationIds: readonly string[]): Promise<MembershipRecord[]>;
  membershipsByIds(ids: readonly string[]): Promise<MembershipRecord[]>;
  /** Where the marks of somebody begin who joins now. To be called while the log's head is locked. */
  marksOfNewcomer(tx: Queryable, conversationId: string, userId: string): Promise<NewcomerMarks>;
  /** Adds a person. To be called while the log's head is locked. */
  admit(
    tx: Queryable,
    membership: MembershipRecord,
    readCounted: number,
    position: number,
  ): Promise<void>;
  /** Takes people out. To be called while the log's head is locked. */
  dismiss(tx: Queryable, departures: readonly Departure[]): Promise<void>;
  /** Changes what members may do. To be called while the log's head is locked. */
  change(
    tx: Queryable,
    memberships: readonly Pick<MembershipRecord, "id" | "role" | "mutedUntil">[],
  ): Promise<void>;
  /** Until when a person who may be gone was muted here; leaving does not end that. */
  mutedUntil(conversationId: string, userId: string): Promise<Date | null>;
  /** Whether the person's account is being deleted or was. */
  isLeaving(tx: Queryable, userId: string): Promise<boolean>;
  /** All memberships of a person, those that have ended included, by id. */
  allOf(userId: string, after: string | null, limit: number): Promise<OwnMembership[]>;
}

export interface NewcomerMarks {
  lastSeq: number;
  counted: number;
  /** Higher than in every earlier stay. */
  markRevision: number;
}

interface ConversationRow {
  archivedAt: Date | null;
  slowModeSeconds: number;
  id: string;
  kind: "ROOM" | "DIRECT";
  visibility: "PUBLIC" | "PRIVATE";
  createdAt: Date;
  room: {
    slug: string;
    name: string;
    topic: string | null;
    isLobby: boolean;
    pictureId: string | null;
  } | null;
  /** Who a direct conversation is between. */
  people: object[] | null;
}

function toRecord(row: ConversationRow): ConversationRecord | null {
  if (row.room === null) return null;
  const { slug, name, topic, isLobby, pictureId } = row.room;
  return {
    id: row.id,
    kind: "ROOM",
    visibility: row.visibility,
    createdAt: row.createdAt,
    slug,
    name,
    topic,
    isLobby,
    pictureId,
    archivedAt: row.archivedAt,
    slowModeSeconds: row.slowModeSeconds,
  };
}

/** A conversation `c` and its head `h`, as a row of `ConversationRow`. */
const CONVERSATION = `
  c.id, c.kind::text AS kind, c.visibility::text AS visibility, c."createdAt", to_jsonb(r) AS room,
  h."archivedAt", h."slowModeSeconds",
  CASE WHEN c.kind = 'DIRECT' THEN (
    SELECT jsonb_agg(to_jsonb(u) ORDER BY u.id)
    FROM "DirectPerson" d JOIN "User" u ON u.id = d."userId" WHERE d."conversationId" = c.id
  ) END AS people`;
const FROM_CONVERSATION = `
  FROM "Conversation" c JOIN "ConversationHead" h ON h."conversationId" = c.id
  LEFT JOIN "Room" r ON r."conversationId" = c.id`;

/** What a person may do in the conversation `c`, with their membership `m` and ban `b`. */
const ACCESS = `
  c.id AS "conversationId", c.kind::text AS kind, c.visibility::text AS visibility, m.role::text AS role,
  m.id IS NOT NULL AS "isMember", m."mutedUntil", h."archivedAt", b.id IS NOT NULL AS "isBanned", b.until AS "bannedUntil"`;
/** For the person `$1`. */
const JOIN_ACCESS = `
  LEFT JOIN "Membership" m ON m."conversationId" = c.id AND m."userId" = $1::uuid AND m."leftPosition" IS NULL
  LEFT JOIN "Ban" b ON b."conversationId" = c.id AND b."userId" = $1::uuid AND (b.until IS NULL OR b.until > now())`;

const MEMBERSHIP = `
  m.id, m."conversationId", m."userId", m.role::text AS role, m."joinedAt", m."joinedPosition", m."lastReadSeq",
  m."lastDeliveredSeq", m."markRevision", m."mutedUntil", to_jsonb(u) AS "user"`;

/** A row of `MEMBERSHIP`. */
type MembershipJson = Omit<MembershipRow, "user" | "joinedPosition"> & {
  user: object;
  joinedPosition: string;
};

function toMembership({ joinedPosition, user, ...row }: MembershipJson): MembershipRow {
  const place = BigInt(joinedPosition);
  return { ...row, user: fromJsonRow<UserRecord>(user), joinedPosition: place };
}

/** A membership as events carry it: nothing of the row but what the record has. */
function toMembershipRecord(row: MembershipRecord): MembershipRecord {
  const { id, conversationId, user, role, joinedAt, mutedUntil } = row;
  const { lastReadSeq, lastDeliveredSeq, markRevision } = row;
  const marks = { lastReadSeq, lastDeliveredSeq, markRevision };
  return { id, conversationId, user, role, joinedAt, mutedUntil, ...marks };
}

function toConversation(row: ConversationRow): ConversationRecord | null {
  return toRecord(row) ?? toDirect(row);
}

function toAccess(row: Access): Access {
  const { conversationId, kind, visibility, role, isMember, isBanned, bannedUntil } = row;
  const { mutedUntil, archivedAt } = row;
  const ban = { isBanned, bannedUntil };
  return { conversationId, kind, visibility, role, isMember, ...ban, mutedUntil, archivedAt };
}

/** A conversation with the place that its person has in it. */
type ListedRow = ConversationRow &
  ConversationStats &
  Pick<
    MembershipRecord,
    "role" | "joinedAt" | "lastReadSeq" | "lastDeliveredSeq" | "markRevision" | "mutedUntil"
  > & { membershipId: string };

function toListed(row: ListedRow, user: UserRecord): ListedConversation | null {
  const conversation = toConversation(row);
  if (conversation === null) return null;
  const { id, kind, visibility, role, joinedAt, mutedUntil, archivedAt } = row;
  const { lastSeq, counted, lastActivityAt, memberCount } = row;
  const { lastReadSeq, lastDeliveredSeq, markRevision } = row;
  const marks = { lastReadSeq, lastDeliveredSeq, markRevision };
  const place = { id: row.membershipId, conversationId: id, user, role, joinedAt, mutedUntil };
  return {
    id,
    lastActivityAt,
    conversation,
    stats: { lastSeq, counted, lastActivityAt, memberCount },
    membership: { ...place, ...marks },
    access: {
      ...{ conversationId: id, kind, visibility, role, isMember: true },
      ...{ isBanned: false, bannedUntil: null, mutedUntil, archivedAt },
    },
  };
}

function toDirect({ id, createdAt, people }: ConversationRow): DirectRecord | null {
  if (people === null) return null;
  const participants = people.map((person) => fromJsonRow<UserRecord>(person));
  return { id, kind: "DIRECT", visibility: "PRIVATE", createdAt, participants };
}

export function makeConversationStore(database: Database): ConversationStore {
  const db = (): Queryable => database.current();
  const findByIds: ConversationStore["findByIds"] = async (ids) => {
    const rows = await database.read<ConversationRow>(
      `SELECT ${CONVERSATION} ${FROM_CONVERSATION} WHERE c.id = ANY($1::uuid[])`,
      [ids],
    );
    return rows.flatMap((row) => toConversation(row) ?? []);
  };
  /** Memberships with their people, in one statement; `rest` are its conditions, order and limit. */
  const memberships = async (rest: string, ...parameters: unknown[]): Promise<MembershipRow[]> => {
    const rows = await database.read<MembershipJson>(
      `SELECT ${MEMBERSHIP} FROM "Membership" m JOIN "User" u ON u.id = m."userId" WHERE ${rest}`,
      parameters,
    );
    return rows.map(toMembership);
  };
  return {
    findByIds,
    findWithAccess: async (userId, ids) => {
      const rows = await database.read<ConversationRow & Access>(
        `SELECT ${ACCESS}, ${CONVERSATION} ${FROM_CONVERSATION} ${JOIN_ACCESS} WHERE c.id = ANY($2::uuid[])`,
        [userId, ids],
      );
      return rows.flatMap((row) => {
        const conversation = toConversation(row);
        return conversation === null ? [] : [{ conversation, access: toAccess(row) }];
      });
    },
    access: (userId, conversationIds) =>
      database.read<Access>(
        `SELECT ${ACCESS} FROM "Conversation" c JOIN "ConversationHead" h ON h."conversationId" = c.id ${JOIN_ACCESS}
         WHERE c.id = ANY($2::uuid[])`,
        [userId, conversationIds],
      ),
    reach: (userId, conversationIds) =>
      database.read<Reach>(
        `SELECT ${ACCESS}, h."lastSeq"
         FROM "Conversation" c JOIN "ConversationHead" h ON h."conversationId" = c.id ${JOIN_ACCESS}
         WHERE ${
           conversationIds === null
             ? `c.id IN (SELECT p.id FROM "Conversation" p WHERE p.visibility = 'PUBLIC'
                         UNION SELECT own."conversationId" FROM "Membership" own
                         WHERE own."userId" = $1::uuid AND own."leftPosition" IS NULL)`
             : `c.id = ANY($2::uuid[])`
         }`,
        [userId, ...(conversationIds === null ? [] : [conversationIds])],
      ),
    stats: (ids) =>
      database.read<ConversationStats & { id: string }>(
        `SELECT h."conversationId" AS id, h."lastSeq", h.counted, h."lastActivityAt", h."memberCount"
         FROM "ConversationHead" h WHERE h."conversationId" = ANY($1::uuid[])`,
        [ids],
      ),
    topicsOf: async (userIds) => {
      const rows = await db().$queryRaw<{ userId: string; conversationId: string }[]>`
        SELECT "userId", "conversationId" FROM "Membership"
        WHERE "userId" = ANY(${[...userIds]}::uuid[]) AND "leftPosition" IS NULL`;
      return rows.map(({ userId, conversationId }) => [userId, conversationId]);
    },
    memberIdsOf: async (conversationId) => {
      const rows = await db().$queryRaw<{ userId: string }[]>`
        SELECT "userId" FROM "Membership" WHERE "conversationId" = ${conversationId}::uuid AND "leftPosition" IS NULL`;
      return rows.map((row) => row.userId);
    },
    countAmong: (conversationIds, userIds) =>
      db().$queryRaw<{ id: string; count: number }[]>`
        SELECT "conversationId" AS id, count(*)::int AS count FROM "Membership"
        WHERE "conversationId" = ANY(${[...conversationIds]}::uuid[]) AND "leftPosition" IS NULL
          AND "userId" = ANY(${[...userIds]}::uuid[])
        GROUP BY "conversationId"`,
    pageOf: async (userId, kind, { before, after, limit, inverted }) => {
      const parameters: unknown[] = [userId, limit];
      const bind = (value: unknown): string => `$${String(parameters.push(value))}`;
      const bound = (key: ActivityKey, side: "<" | ">"): string =>
        `AND (h."lastActivityAt", h."conversationId") ${side} (${bind(key.lastActivityAt)}::timestamptz, ${bind(key.id)}::uuid)`;
      const direction = inverted ? "ASC" : "DESC";
      // From the person's memberships, so that it does not grow with the conversations of others.
      const rows = await database.read<ListedRow & { person: string }>(
        `SELECT ${CONVERSATION}, h."lastSeq", h.counted, h."lastActivityAt", h."memberCount",
                m.id AS "membershipId", m.role::text AS role, m."joinedAt", m."lastReadSeq", m."lastDeliveredSeq",
                m."markRevision", m."mutedUntil", to_jsonb(u)::text AS person
         FROM "Membership" m JOIN "User" u ON u.id = m."userId"
         JOIN "Conversation" c ON c.id = m."conversationId"
         JOIN "ConversationHead" h ON h."conversationId" = m."conversationId"
         LEFT JOIN "Room" r ON r."conversationId" = m."conversationId"
         WHERE m."userId" = $1::uuid AND m."leftPosition" IS NULL
           ${kind === null ? "" : `AND c.kind = ${bind(kind)}::text::"ConversationKind"`}
           ${after === undefined ? "" : bound(after, "<")} ${before === undefined ? "" : bound(before, ">")}
         ORDER BY h."lastActivityAt" ${direction}, h."conversationId" ${direction} LIMIT $2::int`,
        parameters,
      );
      const [first] = rows;
      if (first === undefined) return [];
      // They are all about one person.
      const user = fromJsonRow<UserRecord>(JSON.parse(first.person) as object);
      return rows.flatMap((row) => toListed(row, user) ?? []);
    },
    members: (conversationId, role, { before, after, limit, inverted }, among) =>
      memberships(
        `m."conversationId" = $1::uuid AND m."leftPosition" IS NULL AND ($2::text IS NULL OR m.role::text = $2::text)
           AND ($6::uuid[] IS NULL OR m."userId" = ANY($6::uuid[]))
           AND m."joinedPosition" > $3::bigint AND m."joinedPosition" < $4::bigint
         ORDER BY m."joinedPosition" ${inverted ? "DESC" : "ASC"} LIMIT $5::int`,
        conversationId,
        role,
        after?.joinedPosition ?? -1n,
        before?.joinedPosition ?? BigInt(Number.MAX_SAFE_INTEGER),
        limit,
        among === null ? null : [...among],
      ),
    memberships: async (userId, conversationIds) => {
      const rows = await memberships(
        `m."userId" = $1::uuid AND m."leftPosition" IS NULL AND m."conversationId" = ANY($2::uuid[])`,
        userId,
        [...conversationIds],
      );
      return rows.map(toMembershipRecord);
    },
    membershipsByIds: async (ids) => {
      const rows = await memberships(`m.id = ANY($1::uuid[]) AND m."leftPosition" IS NULL`, [
        ...ids,
      ]);
      return rows.map(toMembershipRecord);
    },
    marksOfNewcomer: async (tx, conversationId, userId) => {
      const rows = await tx.$queryRaw<NewcomerMarks[]>`
        SELECT h."lastSeq", h.counted, coalesce(m."markRevision" + 1, 0) AS "markRevision"
        FROM "ConversationHead" h
        LEFT JOIN "Membership" m ON m."conversationId" = h."conversationId" AND m."userId" = ${userId}::uuid
        WHERE h."conversationId" = ${conversationId}::uuid`;
      const [marks] = rows;
      if (marks === undefined) throw new Error("A conversation without a head");
      return marks;
    },
    admit: async (tx, membership, readCounted, position) => {
      const { user, ...row } = membership;
      const values = {
        ...row,
        readCounted,
        userId: user.id,
        joinedPosition: position,
        leftPosition: null,
        leftAt: null,
      };
      const { conversationId } = membership;
      await tx.membership.upsert({
        where: { conversationId_userId: { conversationId, userId: user.id } },
        create: values,
        // A new stay has a new id, the one that its event tells.
        update: values,
      });
      await tx.conversationHead.update({
        where: { conversationId },
        data: { memberCount: { increment: 1 } },
      });
    },
    dismiss: async (tx, departures) => {
      await tx.$executeRaw`
        WITH gone AS (
          SELECT * FROM jsonb_to_recordset(${JSON.stringify(departures)}::jsonb)
            AS d ("conversationId" uuid, "userId" uuid, position bigint, at timestamptz)
        ), heads AS (
          UPDATE "ConversationHead" h SET "memberCount" = h."memberCount" - counted.n
          FROM (SELECT "conversationId", count(*)::int AS n FROM gone GROUP BY 1) counted
          WHERE h."conversationId" = counted."conversationId"
        )
        UPDATE "Membership" m SET "leftPosition" = gone.position, "leftAt" = gone.at
        FROM gone WHERE m."conversationId" = gone."conversationId" AND m."userId" = gone."userId"`;
    },
    change: async (tx, changed) => {
      const items = changed.map(({ id, role, mutedUntil }) => ({ id, role, mutedUntil }));
      await tx.$executeRaw`
        UPDATE "Membership" m SET role = i.role::"Role", "mutedUntil" = i."mutedUntil"
        FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS i (id uuid, role text, "mutedUntil" timestamptz)
        WHERE m.id = i.id`;
    },
    mutedUntil: async (conversationId, userId) => {
      const row = await db().membership.findUnique({
        where: { conversationId_userId: { conversationId, userId } },
        select: { mutedUntil: true },
      });
      return row?.mutedUntil ?? null;
    },
    isLeaving: async (tx, userId) => (await tx.accountDeletion.count({ where: { userId } })) > 0,
    allOf: (userId, after, limit) =>
      db().$queryRaw<OwnMembership[]>`
        SELECT m.id, m."conversationId", c.kind::text AS kind, r.name, m.role::text AS role,
               m."joinedAt", m."leftAt", m."lastReadSeq"
        FROM "Membership" m JOIN "Conversation" c ON c.id = m."conversationId"
        LEFT JOIN "Room" r ON r."conversationId" = c.id
        WHERE m."userId" = ${userId}::uuid AND (${after}::uuid IS NULL OR m.id > ${after}::uuid)
        ORDER BY m.id LIMIT ${limit}::int`,
  };
}
