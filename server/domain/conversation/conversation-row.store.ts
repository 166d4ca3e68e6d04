import { reviveDates } from "../../kernel/json.ts";
import type { ConversationRecord, MembershipRecord } from "./conversation.record.ts";
import { ACCESS } from "./conversation.sql.ts";
import type { DirectRecord } from "../direct/direct.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import type {
  Access,
  ConversationStats,
  ListedConversation,
  MembershipRow,
} from "./conversation.ts";

export interface ConversationRow {
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
  /** The participants of a direct conversation. */
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
export const CONVERSATION = `
  c.id, c.kind::text AS kind, c.visibility::text AS visibility, c."createdAt", to_jsonb(r) AS room,
  h."archivedAt", h."slowModeSeconds",
  CASE WHEN c.kind = 'DIRECT' THEN (
    SELECT jsonb_agg(to_jsonb(u) ORDER BY u.id)
    FROM "DirectPerson" d JOIN "User" u ON u.id = d."userId" WHERE d."conversationId" = c.id
  ) END AS people`;
export const FROM_CONVERSATION = `
  FROM "Conversation" c JOIN "ConversationHead" h ON h."conversationId" = c.id
  LEFT JOIN "Room" r ON r."conversationId" = c.id`;

/** A user's access to the conversation `c` with the head `h`, after `JOIN_ACCESS`. */
export const FULL_ACCESS = `
  c.id AS "conversationId", c.kind::text AS kind, own.role::text AS role, own."mutedUntil", h."archivedAt",
  b.until AS "bannedUntil", ${ACCESS}`;

export const MEMBERSHIP = `
  m.id, m."conversationId", m."userId", m.role::text AS role, m."joinedAt", m."joinedPosition", m."lastReadSeq",
  m."lastDeliveredSeq", m."markRevision", m."mutedUntil", to_jsonb(u) AS "user"`;

/** A row of `MEMBERSHIP`. */
export type MembershipJson = Omit<MembershipRow, "user" | "joinedPosition"> & {
  user: object;
  joinedPosition: string;
};

export function toMembership({ joinedPosition, user, ...row }: MembershipJson): MembershipRow {
  const place = BigInt(joinedPosition);
  return { ...row, user: reviveDates(user) as UserRecord, joinedPosition: place };
}

/** Reduces a row to the fields of a record, as events carry it. */
export function toMembershipRecord(row: MembershipRecord): MembershipRecord {
  const { id, conversationId, user, role, joinedAt, mutedUntil } = row;
  const { lastReadSeq, lastDeliveredSeq, markRevision } = row;
  const marks = { lastReadSeq, lastDeliveredSeq, markRevision };
  return { id, conversationId, user, role, joinedAt, mutedUntil, ...marks };
}

export function toConversation(row: ConversationRow): ConversationRecord | null {
  return toRecord(row) ?? toDirect(row);
}

export function toAccess(row: Access): Access {
  const { conversationId, kind, visibility, role, isMember, isBanned, bannedUntil } = row;
  const { mutedUntil, archivedAt } = row;
  const ban = { isBanned, bannedUntil };
  return { conversationId, kind, visibility, role, isMember, ...ban, mutedUntil, archivedAt };
}

/** A conversation with its user's membership. */
export type ListedRow = ConversationRow &
  ConversationStats &
  Pick<
    MembershipRecord,
    "role" | "joinedAt" | "lastReadSeq" | "lastDeliveredSeq" | "markRevision" | "mutedUntil"
  > & { membershipId: string };

export function toListed(row: ListedRow, user: UserRecord): ListedConversation | null {
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
  const participants = reviveDates(people) as UserRecord[];
  return { id, kind: "DIRECT", visibility: "PRIVATE", createdAt, participants };
}
