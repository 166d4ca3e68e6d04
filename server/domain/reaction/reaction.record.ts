import type { UserRecord } from "../user/user.record.ts";

/** The reactions to a message with one emoji. */
export interface ReactionGroupRecord {
  emoji: string;
  count: number;
  /** The first few users who reacted, in order. */
  users: UserRecord[];
}
