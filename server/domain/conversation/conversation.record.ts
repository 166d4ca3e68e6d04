import type { DirectRecord } from "../direct/direct.record.ts";
import type { RoomRecord } from "../room/room.record.ts";
import type { UserRecord } from "../user/user.record.ts";

/** A room or a direct conversation. */
export type ConversationRecord = RoomRecord | DirectRecord;

export interface MembershipRecord {
  id: string;
  conversationId: string;
  user: UserRecord;
  role: "OWNER" | "MODERATOR" | "MEMBER";
  joinedAt: Date;
  lastReadSeq: number;
  /** End of a mute by a moderator. May be in the past. */
  mutedUntil: Date | null;
  /** Number of the newest message on any device of the user; at least `lastReadSeq`. */
  lastDeliveredSeq: number;
  /** Increases with each move of the marks, except a move by sending. */
  markRevision: number;
}

/** The inputs of the rule for discovering and reading a conversation. */
export interface ConversationAccess {
  visibility: "PUBLIC" | "PRIVATE";
  isMember: boolean;
  /** Whether a ban of the viewer is in force. */
  isBanned: boolean;
}

/** Why a member left: by choice, or by a moderator. */
export type LeaveReason = "LEFT" | "REMOVED" | "BANNED";
