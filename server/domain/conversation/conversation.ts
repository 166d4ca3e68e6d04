import type {
  ConversationAccess,
  ConversationRecord,
  MembershipRecord,
} from "./conversation.record.ts";

export type Role = MembershipRecord["role"];

/** The inputs of access decisions: kind of the conversation, and the viewer's membership and ban. */
export interface Access extends ConversationAccess {
  conversationId: string;
  kind: "ROOM" | "DIRECT";
  role: Role | null;
  /** End of that ban; null for a permanent ban, or without one. */
  bannedUntil: Date | null;
  /** End of a mute of the viewer by a moderator; may be in the past. */
  mutedUntil: Date | null;
  /** When the conversation was archived; null if it is not. */
  archivedAt: Date | null;
}

/** A departing user, and the log position at which access ends. */
export interface Departure {
  conversationId: string;
  userId: string;
  position: number;
  at: Date;
}

/** Access and the number of the newest message. */
export type ReadableConversation = Access & { lastSeq: number };

/** Values that change with every message or member, read for many conversations in one query. */
export interface ConversationStats {
  lastSeq: number;
  /** Number of messages that count as readable. */
  counted: number;
  lastActivityAt: Date;
  memberCount: number;
}

export interface ActivityKey {
  lastActivityAt: Date;
  id: string;
}

/** A conversation in a user's list, with values read by the same query. */
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

/** A membership in a user's export. */
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
