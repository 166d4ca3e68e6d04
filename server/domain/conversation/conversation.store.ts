import type { Database, Db } from "../../infra/database/database.ts";
import { reviveDates } from "../../kernel/json.ts";
import type { ConversationRecord, MembershipRecord } from "./conversation.record.ts";
import { JOIN_ACCESS } from "./conversation.sql.ts";
import type { UserRecord } from "../user/user.record.ts";
import type {
  Role,
  Access,
  Departure,
  ReadableConversation,
  ConversationStats,
  ActivityKey,
  ListedConversation,
  KeysetPage,
  MembershipKey,
  MembershipRow,
  OwnMembership,
} from "./conversation.ts";
import {
  type ConversationRow,
  CONVERSATION,
  FROM_CONVERSATION,
  FULL_ACCESS,
  MEMBERSHIP,
  type MembershipJson,
  toMembership,
  toMembershipRecord,
  toConversation,
  toAccess,
  type ListedRow,
  toListed,
} from "./conversation-row.store.ts";

export interface ConversationStore {
  findByIds(ids: readonly string[], db?: Db): Promise<ConversationRecord[]>;
  /** Finds the existing conversations of these ids, each with the user's access. */
  findWithAccess(
    userId: string,
    ids: readonly string[],
  ): Promise<{ conversation: ConversationRecord; access: Access }[]>;
  access(userId: string, conversationIds: readonly string[], db?: Db): Promise<Access[]>;
  /**
   * The same with the newest message number; null for all conversations that are public or have the user
   * as a member.
   */
  readable(
    userId: string,
    conversationIds: readonly string[] | null,
  ): Promise<ReadableConversation[]>;
  stats(ids: readonly string[], db?: Db): Promise<(ConversationStats & { id: string })[]>;
  /** Ids of the conversations of each user. */
  topicsOf(tx: Db, userIds: readonly string[]): Promise<[userId: string, topic: string][]>;
  memberIdsOf(conversationId: string): Promise<string[]>;
  /** Counts how many of some users are in each conversation; absent for zero. */
  countAmong(
    conversationIds: readonly string[],
    userIds: readonly string[],
  ): Promise<{ id: string; count: number }[]>;
  /** A user's conversations, sorted by newest activity. */
  pageOf(
    userId: string,
    kind: "ROOM" | "DIRECT" | null,
    page: KeysetPage<ActivityKey>,
  ): Promise<ListedConversation[]>;
  /** @param among only these users; null for all */
  members(
    conversationId: string,
    role: Role | null,
    page: KeysetPage<MembershipKey>,
    among: readonly string[] | null,
  ): Promise<MembershipRow[]>;
  memberships(
    userId: string,
    conversationIds: readonly string[],
    db?: Db,
  ): Promise<MembershipRecord[]>;
  membershipsByIds(ids: readonly string[], db?: Db): Promise<MembershipRecord[]>;
  /** Returns the initial marks of a user who joins now. Requires that the unit has locked the log. */
  marksOfNewcomer(tx: Db, conversationId: string, userId: string): Promise<NewcomerMarks>;
  /** Adds a member. Requires that the unit has locked the log. */
  admit(tx: Db, membership: MembershipRecord, readCounted: number, position: number): Promise<void>;
  /** Removes members. Requires that the unit has locked the log. */
  dismiss(tx: Db, departures: readonly Departure[]): Promise<void>;
  /** Changes roles and mutes. Requires that the unit has locked the log. */
  change(
    tx: Db,
    memberships: readonly Pick<MembershipRecord, "id" | "role" | "mutedUntil">[],
  ): Promise<void>;
  /** End of a mute of a current or former member; leaving does not end a mute. */
  mutedUntil(tx: Db, conversationId: string, userId: string): Promise<Date | null>;
  /** Whether the user's account is deleted or being deleted. */
  isLeaving(tx: Db, userId: string): Promise<boolean>;
  /** All memberships of a user, including ended ones, by id. */
  allOf(userId: string, after: string | null, limit: number): Promise<OwnMembership[]>;
}

export interface NewcomerMarks {
  lastSeq: number;
  counted: number;
  /** Higher than in every earlier membership. */
  markRevision: number;
}

export function makeConversationStore(database: Database): ConversationStore {
  const { main } = database;
  const findByIds: ConversationStore["findByIds"] = async (ids, db = main) => {
    const rows = await db.query<ConversationRow>(
      `SELECT ${CONVERSATION} ${FROM_CONVERSATION} WHERE c.id = ANY($1::uuid[])`,
      [ids],
    );
    return rows.flatMap((row) => toConversation(row) ?? []);
  };
  /** Reads memberships with their users in one statement; `rest` contains conditions, order and limit. */
  const memberships = async (
    db: Db,
    rest: string,
    ...parameters: unknown[]
  ): Promise<MembershipRow[]> => {
    const rows = await db.query<MembershipJson>(
      `SELECT ${MEMBERSHIP} FROM "Membership" m JOIN "User" u ON u.id = m."userId" WHERE ${rest}`,
      parameters,
    );
    return rows.map(toMembership);
  };
  return {
    findByIds,
    findWithAccess: async (userId, ids) => {
      const rows = await main.query<ConversationRow & Access>(
        `SELECT ${FULL_ACCESS}, ${CONVERSATION} ${FROM_CONVERSATION} ${JOIN_ACCESS} WHERE c.id = ANY($2::uuid[])`,
        [userId, ids],
      );
      return rows.flatMap((row) => {
        const conversation = toConversation(row);
        return conversation === null ? [] : [{ conversation, access: toAccess(row) }];
      });
    },
    access: (userId, conversationIds, db = main) =>
      db.query<Access>(
        `SELECT ${FULL_ACCESS} FROM "Conversation" c JOIN "ConversationHead" h ON h."conversationId" = c.id ${JOIN_ACCESS}
         WHERE c.id = ANY($2::uuid[])`,
        [userId, conversationIds],
      ),
    readable: (userId, conversationIds) =>
      main.query<ReadableConversation>(
        `SELECT ${FULL_ACCESS}, h."lastSeq"
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
    stats: (ids, db = main) =>
      db.query<ConversationStats & { id: string }>(
        `SELECT h."conversationId" AS id, h."lastSeq", h.counted, h."lastActivityAt", h."memberCount"
         FROM "ConversationHead" h WHERE h."conversationId" = ANY($1::uuid[])`,
        [ids],
      ),
    topicsOf: async (tx, userIds) => {
      const rows = await tx.query<{ userId: string; conversationId: string }>(
        `SELECT "userId", "conversationId" FROM "Membership"
         WHERE "userId" = ANY($1::uuid[]) AND "leftPosition" IS NULL`,
        [userIds],
      );
      return rows.map(({ userId, conversationId }) => [userId, conversationId]);
    },
    memberIdsOf: async (conversationId) => {
      const rows = await main.prisma.$queryRaw<{ userId: string }[]>`
        SELECT "userId" FROM "Membership" WHERE "conversationId" = ${conversationId}::uuid AND "leftPosition" IS NULL`;
      return rows.map((row) => row.userId);
    },
    countAmong: (conversationIds, userIds) =>
      main.prisma.$queryRaw<{ id: string; count: number }[]>`
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
      const order = `ORDER BY h."lastActivityAt" ${direction}, h."conversationId" ${direction}`;
      // Starts from the user's memberships, so that its cost does not grow with other users'
      // conversations. Details are read only for conversations on the page.
      const rows = await main.query<ListedRow & { person: string }>(
        `SELECT ${CONVERSATION}, h."lastSeq", h.counted, h."lastActivityAt", h."memberCount",
                m.id AS "membershipId", m.role::text AS role, m."joinedAt", m."lastReadSeq", m."lastDeliveredSeq",
                m."markRevision", m."mutedUntil", (SELECT to_jsonb(u)::text FROM "User" u WHERE u.id = $1::uuid) AS person
         FROM (
           SELECT m.id, m."conversationId", m.role, m."joinedAt", m."lastReadSeq", m."lastDeliveredSeq",
                  m."markRevision", m."mutedUntil"
           FROM "Membership" m JOIN "ConversationHead" h ON h."conversationId" = m."conversationId"
           ${kind === null ? "" : `JOIN "Conversation" c ON c.id = m."conversationId" AND c.kind = ${bind(kind)}::text::"ConversationKind"`}
           WHERE m."userId" = $1::uuid AND m."leftPosition" IS NULL
             ${after === undefined ? "" : bound(after, "<")} ${before === undefined ? "" : bound(before, ">")}
           ${order} LIMIT $2::int
         ) m
         JOIN "Conversation" c ON c.id = m."conversationId"
         JOIN "ConversationHead" h ON h."conversationId" = m."conversationId"
         LEFT JOIN "Room" r ON r."conversationId" = m."conversationId"
         ${order}`,
        parameters,
      );
      const [first] = rows;
      if (first === undefined) return [];
      // All rows have the same user.
      const user = reviveDates(JSON.parse(first.person)) as UserRecord;
      return rows.flatMap((row) => toListed(row, user) ?? []);
    },
    members: (conversationId, role, { before, after, limit, inverted }, among) =>
      memberships(
        main,
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
    memberships: async (userId, conversationIds, db = main) => {
      const rows = await memberships(
        db,
        `m."userId" = $1::uuid AND m."leftPosition" IS NULL AND m."conversationId" = ANY($2::uuid[])`,
        userId,
        [...conversationIds],
      );
      return rows.map(toMembershipRecord);
    },
    membershipsByIds: async (ids, db = main) => {
      const rows = await memberships(db, `m.id = ANY($1::uuid[]) AND m."leftPosition" IS NULL`, [
        ...ids,
      ]);
      return rows.map(toMembershipRecord);
    },
    marksOfNewcomer: async (tx, conversationId, userId) => {
      const rows = await tx.prisma.$queryRaw<NewcomerMarks[]>`
        SELECT h."lastSeq", h.counted, coalesce(m."markRevision" + 1, 0) AS "markRevision"
        FROM "ConversationHead" h
        LEFT JOIN "Membership" m ON m."conversationId" = h."conversationId" AND m."userId" = ${userId}::uuid
        WHERE h."conversationId" = ${conversationId}::uuid`;
      const [marks] = rows;
      if (marks === undefined) throw new Error("A conversation has no head");
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
      await tx.prisma.membership.upsert({
        where: { conversationId_userId: { conversationId, userId: user.id } },
        create: values,
        // A new membership has a new id, which its event contains.
        update: values,
      });
      await tx.prisma.conversationHead.update({
        where: { conversationId },
        data: { memberCount: { increment: 1 } },
      });
    },
    dismiss: async (tx, departures) => {
      await tx.prisma.$executeRaw`
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
      await tx.prisma.$executeRaw`
        UPDATE "Membership" m SET role = i.role::"Role", "mutedUntil" = i."mutedUntil"
        FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS i (id uuid, role text, "mutedUntil" timestamptz)
        WHERE m.id = i.id`;
    },
    mutedUntil: async (tx, conversationId, userId) => {
      const row = await tx.prisma.membership.findUnique({
        where: { conversationId_userId: { conversationId, userId } },
        select: { mutedUntil: true },
      });
      return row?.mutedUntil ?? null;
    },
    isLeaving: async (tx, userId) =>
      (await tx.prisma.accountDeletion.count({ where: { userId } })) > 0,
    allOf: (userId, after, limit) =>
      main.prisma.$queryRaw<OwnMembership[]>`
        SELECT m.id, m."conversationId", c.kind::text AS kind, r.name, m.role::text AS role,
               m."joinedAt", m."leftAt", m."lastReadSeq"
        FROM "Membership" m JOIN "Conversation" c ON c.id = m."conversationId"
        LEFT JOIN "Room" r ON r."conversationId" = c.id
        WHERE m."userId" = ${userId}::uuid AND (${after}::uuid IS NULL OR m.id > ${after}::uuid)
        ORDER BY m.id LIMIT ${limit}::int`,
  };
}
