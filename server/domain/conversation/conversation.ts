import type { ConversationRecord, MembershipRecord } from "./conversation.record.ts";

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
