import type { UserRecord } from "../user/user.record.ts";

/** Totals of the replies in a message's thread. */
export interface ThreadRecord {
  replyCount: number;
  lastReplyAt: Date;
  /** The users who replied last, the latest first. */
  repliers: UserRecord[];
}
