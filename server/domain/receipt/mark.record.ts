/** A member's read position and unread counters. All numbers are of one moment. */
export interface MarkRecord {
  conversationId: string;
  readSeq: number;
  deliveredSeq: number;
  /** Number of messages up to `readSeq` that count as unread for a new reader. */
  readCount: number;
  /** See `MembershipRecord.markRevision`. */
  revision: number;
  lastSeq: number;
  /** Number of messages in the conversation that count. Minus `readCount`, they are unread. */
  counted: number;
  /** Unread messages that mention the user. */
  mentions: number;
}
