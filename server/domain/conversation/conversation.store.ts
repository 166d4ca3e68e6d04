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
  /** A person's conversations, the one with the newest activity first. */
  pageOf(
    userId: string,
    kind: "ROOM" | "DIRECT" | null,
    page: KeysetPage<ActivityKey>,
  ): Promise<(ActivityKey & { conversation: ConversationRecord })[]>;
  /** Messages that the person has not read, by conversation. */
  unread(
    userId: string,
    conversationIds: readonly string[],
  ): Promise<{ id: string; unread: number }[]>;
  unreadTotals(userId: string): Promise<{ messages: number; conversations: number }>;
  members(
    conversationId: string,
    role: Role | null,
    page: KeysetPage<MembershipKey>,
  ): Promise<MembershipRow[]>;
  memberships(userId: string, conversationIds: readonly string[]): Promise<MembershipRecord[]>;
  membershipsByIds(ids: readonly string[]): Promise<MembershipRecord[]>;
  /** Adds a person. To be called while the log's head is locked. */
  admit(tx: Queryable, membership: MembershipRecord, position: number): Promise<void>;
  /** Takes people out. To be called while the log's head is locked. */
  dismiss(tx: Queryable, departures: readonly Departure[]): Promise<void>;
  /** Changes what members may do. To be called while the log's head is locked. */
  change(
    tx: Queryable,
    memberships: readonly Pick<MembershipRecord, "id" | "role" | "mutedUntil">[],
  ): Promise<void>;
  /** Until when a person who may be gone was muted here; leaving does not end that. */
  mutedUntil(conversationId: string, userId: string): Promise<Date | null>;
  /** Moves the read mark forward, never back, never past the last message; null when not a member. */
  markRead(userId: string, conversationId: string, seq: number): Promise<MembershipRecord | null>;
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
  const { id, conversationId, user, role, joinedAt, lastReadSeq, mutedUntil } = row;
  return { id, conversationId, user, role, joinedAt, lastReadSeq, mutedUntil };
}

export function makeConversationStore(database: Database): ConversationStore {
  const db = (): Queryable => database.current();
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
    unread: (userId, conversationIds) =>
      db().$queryRaw<{ id: string; unread: number }[]>`
        SELECT h."conversationId" AS id, GREATEST(h."lastSeq" - m."lastReadSeq", 0) AS unread
        FROM "Membership" m JOIN "ConversationHead" h USING ("conversationId")
        WHERE m."userId" = ${userId}::uuid AND m."leftPosition" IS NULL
          AND m."conversationId" = ANY(${[...conversationIds]}::uuid[])`,
    unreadTotals: async (userId) => {
      const rows = await db().$queryRaw<{ messages: number; conversations: number }[]>`
        SELECT COALESCE(sum(unread), 0)::int AS messages, count(*) FILTER (WHERE unread > 0)::int AS conversations
        FROM (
          SELECT GREATEST(h."lastSeq" - m."lastReadSeq", 0) AS unread
          FROM "Membership" m JOIN "ConversationHead" h USING ("conversationId")
          WHERE m."userId" = ${userId}::uuid AND m."leftPosition" IS NULL
        ) counted`;
      return rows[0] ?? { messages: 0, conversations: 0 };
    },
    members: (conversationId, role, { before, after, limit, inverted }) =>
      db().membership.findMany({
        where: {
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
    admit: async (tx, membership, position) => {
      const { user, ...row } = membership;
      const values = {
        ...row,
        userId: user.id,
        joinedPosition: position,
        leftPosition: null,
        leftAt: null,
      };
      const { conversationId } = membership;
      const { counted, lastSeq } = await tx.conversationHead.update({
        where: { conversationId },
        data: { memberCount: { increment: 1 } },
      });
      // What was said before is nothing that waits to be read.
      const marks = { lastReadSeq: lastSeq, readCounted: counted, lastDeliveredSeq: lastSeq };
      await tx.membership.upsert({
        where: { conversationId_userId: { conversationId, userId: user.id } },
        create: { ...values, ...marks },
        // A new stay has a new id, the one that its event tells.
        update: { ...values, ...marks },
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
    markRead: async (userId, conversationId, seq) => {
      await db().$executeRaw`
        UPDATE "Membership" m SET "lastReadSeq" = GREATEST(m."lastReadSeq", LEAST(${seq}::int, h."lastSeq"))
        FROM "ConversationHead" h
        WHERE h."conversationId" = m."conversationId" AND m."conversationId" = ${conversationId}::uuid
          AND m."userId" = ${userId}::uuid AND m."leftPosition" IS NULL`;
      const row = await db().membership.findFirst({
        where: { ...active(userId), conversationId },
        include: { user: true },
      });
      return row === null ? null : toMembership(row);
    },
  };
}
