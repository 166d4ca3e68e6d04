import type { Database, Queryable } from "../../infra/database/database.ts";
import type { ConversationRecord, MembershipRecord } from "../../log/records.ts";

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

export interface ConversationStore {
  findByIds(ids: readonly string[]): Promise<ConversationRecord[]>;
  access(userId: string, conversationIds: readonly string[]): Promise<Access[]>;
  stats(ids: readonly string[]): Promise<(ConversationStats & { id: string })[]>;
  /** Ids of the conversations that a person is a member of. */
  topicsOf(userId: string): Promise<string[]>;
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
  ): Promise<(ActivityKey & { conversation: ConversationRecord })[]>;
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
}

export interface NewcomerMarks {
  lastSeq: number;
  counted: number;
  /** Higher than in every earlier stay. */
  markRevision: number;
}

interface HeadRow {
  archivedAt: Date | null;
  slowModeSeconds: number;
}

interface ConversationRow {
  id: string;
  kind: "ROOM" | "DIRECT";
  visibility: "PUBLIC" | "PRIVATE";
  createdAt: Date;
  room: { slug: string; name: string; topic: string | null; isLobby: boolean } | null;
}

function toRecord(row: ConversationRow, head: HeadRow): ConversationRecord | null {
  if (row.room === null) return null;
  const { slug, name, topic, isLobby } = row.room;
  return {
    id: row.id,
    kind: "ROOM",
    visibility: row.visibility,
    createdAt: row.createdAt,
    slug,
    name,
    topic,
    isLobby,
    archivedAt: head.archivedAt,
    slowModeSeconds: head.slowModeSeconds,
  };
}

/** A membership as events carry it: nothing of the row but what the record has. */
function toMembership(row: MembershipRecord): MembershipRecord {
  const { id, conversationId, user, role, joinedAt, mutedUntil } = row;
  const { lastReadSeq, lastDeliveredSeq, markRevision } = row;
  const marks = { lastReadSeq, lastDeliveredSeq, markRevision };
  return { id, conversationId, user, role, joinedAt, mutedUntil, ...marks };
}

export function makeConversationStore(database: Database): ConversationStore {
  const db = (): Queryable => database.current();
  /** A page of those who are among some people: as one array, for a statement takes only so many values. */
  const pageAmong = async (
    userIds: readonly string[],
    conversationId: string,
    role: Role | null,
    { before, after, limit, inverted }: KeysetPage<MembershipKey>,
  ): Promise<string[]> => {
    const direction = inverted ? -1 : 1;
    const rows = await db().$queryRaw<{ id: string }[]>`
      SELECT id FROM "Membership"
      WHERE "conversationId" = ${conversationId}::uuid AND "leftPosition" IS NULL
        AND "userId" = ANY(${[...userIds]}::uuid[])
        AND (${role}::text IS NULL OR role::text = ${role})
        AND "joinedPosition" > ${after?.joinedPosition ?? -1n}
        AND (${before?.joinedPosition ?? null}::bigint IS NULL OR "joinedPosition" < ${before?.joinedPosition ?? null}::bigint)
      ORDER BY "joinedPosition" * ${direction}::int LIMIT ${limit}`;
    return rows.map((row) => row.id);
  };
  const active = (userId: string) => ({ userId, leftPosition: null });
  return {
    findByIds: async (ids) => {
      const rows = await db().$queryRaw<(ConversationRow & HeadRow)[]>`
        SELECT c.id, c.kind::text AS kind, c.visibility::text AS visibility, c."createdAt",
               CASE WHEN r."conversationId" IS NOT NULL THEN jsonb_build_object(
                 'slug', r.slug, 'name', r.name, 'topic', r.topic, 'isLobby', r."isLobby"
               ) END AS room, h."archivedAt", h."slowModeSeconds"
        FROM "Conversation" c
        JOIN "ConversationHead" h ON h."conversationId" = c.id
        LEFT JOIN "Room" r ON r."conversationId" = c.id
        WHERE c.id = ANY(${[...ids]}::uuid[])`;
      return rows.flatMap((row) => toRecord(row, row) ?? []);
    },
    access: (userId, conversationIds) =>
      db().$queryRaw<Access[]>`
        SELECT c.id AS "conversationId", c.kind::text AS kind, c.visibility::text AS visibility, m.role::text AS role, m.id IS NOT NULL AS "isMember",
               m."mutedUntil", h."archivedAt", b.id IS NOT NULL AS "isBanned", b.until AS "bannedUntil"
        FROM "Conversation" c
        JOIN "ConversationHead" h ON h."conversationId" = c.id
        LEFT JOIN "Membership" m ON m."conversationId" = c.id AND m."userId" = ${userId}::uuid AND m."leftPosition" IS NULL
        LEFT JOIN "Ban" b ON b."conversationId" = c.id AND b."userId" = ${userId}::uuid AND (b.until IS NULL OR b.until > now())
        WHERE c.id = ANY(${[...conversationIds]}::uuid[])`,
    stats: async (ids) => {
      const rows = await db().conversationHead.findMany({
        where: { conversationId: { in: [...ids] } },
      });
      return rows.map(({ conversationId, ...stats }) => ({ id: conversationId, ...stats }));
    },
    topicsOf: async (userId) => {
      const rows = await db().membership.findMany({
        where: active(userId),
        select: { conversationId: true },
      });
      return rows.map((row) => row.conversationId);
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
      const bound = (key: ActivityKey, side: "lt" | "gt") => ({
        OR: [
          { lastActivityAt: { [side]: key.lastActivityAt } },
          { lastActivityAt: key.lastActivityAt, conversationId: { [side]: key.id } },
        ],
      });
      const direction = inverted ? "asc" : "desc";
      const rows = await db().conversationHead.findMany({
        where: {
          conversation: {
            ...(kind === null ? {} : { kind }),
            memberships: { some: active(userId) },
          },
          AND: [
            ...(after === undefined ? [] : [bound(after, "lt")]),
            ...(before === undefined ? [] : [bound(before, "gt")]),
          ],
        },
        orderBy: [{ lastActivityAt: direction }, { conversationId: direction }],
        take: limit,
        include: { conversation: { include: { room: true } } },
      });
      return rows.flatMap((row) => {
        const conversation = toRecord(row.conversation, row);
        return conversation === null
          ? []
          : [{ id: row.conversationId, lastActivityAt: row.lastActivityAt, conversation }];
      });
    },
    members: async (conversationId, role, { before, after, limit, inverted }, among) =>
      db().membership.findMany({
        where: {
          ...(among === null
            ? {}
            : {
                id: {
                  in: await pageAmong(among, conversationId, role, {
                    before,
                    after,
                    limit,
                    inverted,
                  }),
                },
              }),
          conversationId,
          leftPosition: null,
          ...(role === null ? {} : { role }),
          joinedPosition: {
            ...(after === undefined ? {} : { gt: after.joinedPosition }),
            ...(before === undefined ? {} : { lt: before.joinedPosition }),
          },
        },
        orderBy: { joinedPosition: inverted ? "desc" : "asc" },
        take: limit,
        include: { user: true },
      }),
    memberships: async (userId, conversationIds) => {
      const rows = await db().membership.findMany({
        where: { ...active(userId), conversationId: { in: [...conversationIds] } },
        include: { user: true },
      });
      return rows.map(toMembership);
    },
    membershipsByIds: async (ids) => {
      const rows = await db().membership.findMany({
        where: { id: { in: [...ids] }, leftPosition: null },
        include: { user: true },
      });
      return rows.map(toMembership);
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
    change: async (tx, memberships) => {
      const items = memberships.map(({ id, role, mutedUntil }) => ({ id, role, mutedUntil }));
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
  };
}
