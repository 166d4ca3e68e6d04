import type { Database, Db } from "../../infra/database/database.ts";
import type { MembershipRecord } from "../conversation/conversation.record.ts";
import type { MarkRecord } from "./mark.record.ts";

/** A user's marks in a conversation, and the data needed to publish them. */
export interface Mark extends MarkRecord {
  membershipId: string;
  userId: string;
  memberCount: number;
  /** Log position at which the numbers were read. */
  position: number;
}

/** A requested move of marks. */
export interface MarkRequest {
  userId: string;
  conversationId: string;
  /** Minimum of the read mark; 0 for no change. */
  read: number;
  /** Minimum of the delivered mark; 0 for no change. */
  delivered: number;
  /** Maximum of the read mark; null for no change. */
  back: number | null;
}

export interface MovedMark {
  mark: Mark;
  /** Whether the request changed anything. */
  moved: boolean;
}

/** A user in a conversation. */
export interface SeqPlace {
  userId: string;
  conversationId: string;
}

export interface UnreadTotals {
  messages: number;
  mentions: number;
  conversations: number;
  badge: number;
}

export interface ReceiptKey {
  joinedPosition: bigint;
}

export interface ReceiptPage {
  before: ReceiptKey | undefined;
  after: ReceiptKey | undefined;
  limit: number;
  inverted: boolean;
}

export type ReceiptRow = MembershipRecord & ReceiptKey;

export interface AuditRow {
  conversationId: string;
  unread: number;
  unreadRecounted: number;
  mentions: number;
  mentionsRecounted: number;
}

export interface AuditPage {
  before: string | undefined;
  after: string | undefined;
  limit: number;
  inverted: boolean;
}

export interface ReceiptStore {
  /**
   * Moves marks in one round trip without waiting for locks. Returns a result for each request, in order:
   * the new mark, null if the user is no member, or BUSY if it would have had to wait.
   */
  move(requests: readonly MarkRequest[]): Promise<(MovedMark | "BUSY" | null)[]>;
  /** Moves one mark and waits for its lock. */
  moveOne(request: MarkRequest): Promise<MovedMark | null>;
  /** The current marks; absent if the user is no member. */
  states(places: readonly SeqPlace[]): Promise<Mark[]>;
  /** All marks of a user. */
  statesOf(userId: string): Promise<Mark[]>;
  totals(userId: string): Promise<UnreadTotals>;
  /** The members of a conversation with their marks; at most `limit`. */
  members(conversationId: string, limit: number): Promise<MembershipRecord[]>;
  /**
   * Users whom a message has reached, except its author and later members, in the order of joining.
   *
   * @param read only users who have read it
   */
  receipts(messageId: string, read: boolean, page: ReceiptPage): Promise<ReceiptRow[]>;
  /** Recounts the messages, by conversation. */
  audit(userId: string, page: AuditPage): Promise<AuditRow[]>;
  /** Locks the log and subtracts a message that is being deleted from all counters. */
  discount(tx: Db, messageId: string): Promise<{ lastSeq: number; counted: number }>;
}

/** A row of `mark_states`. */
interface StateRow {
  membership: string;
  person: string;
  conversation: string;
  readSeq: number;
  deliveredSeq: number;
  readCount: number;
  revision: number;
  lastSeq: number;
  counted: number;
  members: number;
  mentions: number;
  position: string | bigint;
}

/** The columns of `StateRow`, of `s`. */
const STATE = `
  s.membership, s.person, s.conversation, s."readSeq", s."deliveredSeq", s."readCount", s.revision,
  s."lastSeq", s.counted, s.members, s.mentions, s.position`;

interface MoveRow extends StateRow {
  status: "MOVED" | "SAME" | "BUSY";
}

export function makeReceiptStore(database: Database): ReceiptStore {
  const { main } = database;

  const move = async (
    requests: readonly MarkRequest[],
    patient: boolean,
  ): Promise<(MovedMark | "BUSY" | null)[]> => {
    const rows = await database.log.query<MoveRow>(
      `SELECT * FROM move_marks($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::int[], $6::boolean)`,
      [
        requests.map((request) => request.userId),
        requests.map((request) => request.conversationId),
        requests.map((request) => request.read),
        requests.map((request) => request.delivered),
        requests.map((request) => request.back),
        patient,
      ],
    );
    const found = new Map(rows.map((row) => [`${row.person} ${row.conversation}`, row]));
    return requests.map(({ userId, conversationId }) => {
      const row = found.get(`${userId} ${conversationId}`);
      if (row === undefined) return null;
      if (row.status === "BUSY") return "BUSY";
      return { mark: toMark(row), moved: row.status === "MOVED" };
    });
  };

  return {
    move: (wishes) => move(wishes, false),
    moveOne: async (request) => {
      const [outcome] = await move([request], true);
      if (outcome === "BUSY") throw new Error("A waiting move of a mark did not wait");
      return outcome ?? null;
    },
    states: async (places) => {
      const rows = await database.main.query<StateRow>(
        `SELECT ${STATE} FROM mark_states($1::uuid[], $2::uuid[]) s`,
        [places.map(({ userId }) => userId), places.map(({ conversationId }) => conversationId)],
      );
      return rows.map(toMark);
    },
    statesOf: async (userId) => {
      const rows = await main.prisma.$queryRaw<StateRow[]>`
        SELECT s.* FROM (
          SELECT array_agg("userId") AS people, array_agg("conversationId") AS conversations
          FROM "Membership" WHERE "userId" = ${userId}::uuid AND "leftPosition" IS NULL
        ) own, mark_states(own.people, own.conversations) s`;
      return rows.map(toMark);
    },
    totals: async (userId) => {
      const rows = await main.prisma.$queryRaw<UnreadTotals[]>`
        SELECT coalesce(sum(s.counted - s."readCount"), 0)::int AS messages,
               coalesce(sum(s.mentions), 0)::int AS mentions,
               count(*) FILTER (WHERE s.counted > s."readCount")::int AS conversations,
               coalesce(sum(CASE WHEN m."notificationsMutedUntil" > now() THEN 0
                                 WHEN m."notificationLevel" = 'ALL' THEN s.counted - s."readCount"
                                 WHEN m."notificationLevel" = 'MENTIONS' THEN s.mentions ELSE 0 END), 0)::int AS badge
        FROM (
          SELECT array_agg("userId") AS people, array_agg("conversationId") AS conversations
          FROM "Membership" WHERE "userId" = ${userId}::uuid AND "leftPosition" IS NULL
        ) own, mark_states(own.people, own.conversations) s JOIN "Membership" m ON m.id = s.membership`;
      return rows[0] ?? { messages: 0, mentions: 0, conversations: 0, badge: 0 };
    },
    members: (conversationId, limit) =>
      main.prisma.membership.findMany({
        where: { conversationId, leftPosition: null },
        take: limit,
        include: { user: true },
      }),
    receipts: async (messageId, read, { before, after, limit, inverted }) => {
      const message = await main.prisma.message.findUniqueOrThrow({
        where: { id: messageId },
        select: { conversationId: true, seq: true, position: true, authorId: true },
      });
      const { conversationId, seq, position, authorId } = message;
      return main.prisma.membership.findMany({
        where: {
          conversationId,
          leftPosition: null,
          userId: { not: authorId },
          [read ? "lastReadSeq" : "lastDeliveredSeq"]: { gte: seq },
          AND: [
            { joinedPosition: { lt: position } },
            ...(after === undefined ? [] : [{ joinedPosition: { gt: after.joinedPosition } }]),
            ...(before === undefined ? [] : [{ joinedPosition: { lt: before.joinedPosition } }]),
          ],
        },
        orderBy: { joinedPosition: inverted ? "desc" : "asc" },
        take: limit,
        include: { user: true },
      });
    },
    audit: (userId, { before, after, limit, inverted }) =>
      main.prisma.$queryRawUnsafe<AuditRow[]>(
        `WITH own AS (
           SELECT * FROM "Membership"
           WHERE "userId" = $1::uuid AND "leftPosition" IS NULL
             AND ($2::uuid IS NULL OR "conversationId" > $2::uuid) AND ($3::uuid IS NULL OR "conversationId" < $3::uuid)
           ORDER BY "conversationId" ${inverted ? "DESC" : "ASC"} LIMIT $4::int
         )
         SELECT s.conversation AS "conversationId", s.counted - s."readCount" AS unread, s.mentions,
                said.n AS "unreadRecounted", called.n AS "mentionsRecounted"
         FROM (SELECT array_agg("userId") AS people, array_agg("conversationId") AS conversations FROM own) listed,
              mark_states(listed.people, listed.conversations) s
         JOIN own ON own.id = s.membership
         CROSS JOIN LATERAL (
           SELECT count(*)::int AS n FROM "Message" t
           WHERE t."conversationId" = own."conversationId" AND t.seq > own."lastReadSeq"
             AND t.kind = 'TEXT' AND t."deletedAt" IS NULL
         ) said
         CROSS JOIN LATERAL (
           SELECT count(*)::int AS n FROM "Message" t
           WHERE t."conversationId" = own."conversationId" AND t.seq > own."lastReadSeq"
             AND t."deletedAt" IS NULL AND t."authorId" <> own."userId" AND t.position > own."joinedPosition"
             AND EXISTS (
               SELECT FROM jsonb_array_elements(coalesce(t.mentions, '[]')) span
               WHERE span ->> 'userId' = own."userId"::text OR span ->> 'kind' <> 'USER'
             )
         ) called
         ORDER BY s.conversation ${inverted ? "DESC" : "ASC"}`,
        userId,
        after ?? null,
        before ?? null,
        limit,
      ),
    discount: async (tx, messageId) => {
      const rows = await tx.prisma.$queryRaw<{ lastSeq: number; counted: number }[]>`
        SELECT "lastSeq", counted FROM discount_message(${messageId}::uuid)`;
      const [numbers] = rows;
      if (numbers === undefined) throw new Error("A message has no conversation");
      return numbers;
    },
  };
}

function toMark(row: StateRow): Mark {
  const { membership, person, conversation, members, position } = row;
  const { readSeq, deliveredSeq, readCount, revision, lastSeq, counted, mentions } = row;
  return {
    membershipId: membership,
    userId: person,
    conversationId: conversation,
    readSeq,
    deliveredSeq,
    readCount,
    revision,
    lastSeq,
    counted,
    mentions,
    memberCount: members,
    position: Number(position),
  };
}
