import { NIL_UUID } from "../../kernel/ids.ts";
import type { MentionRecord, MentionSpan } from "./message.record.ts";

/**
 * The inputs of the decision about mentioning all: kind of the conversation, role, and number of members.
 */
export interface MentionRights {
  kind: "ROOM" | "DIRECT";
  role: "OWNER" | "MODERATOR" | "MEMBER" | null;
  memberCount: number;
}

/**
 * Returns the stored form of mentions; null for none. Users are read anew each time, because names
 * change.
 */
export function spansOf(mentions: readonly MentionRecord[]): MentionSpan[] | null {
  if (mentions.length === 0) return null;
  return mentions.map(({ kind, userId, start, length }) => ({ kind, userId, start, length }));
}

/**
 * Returns the mentioned users without duplicates and without the author; the nil UUID means all
 * members.
 */
export function targetsOf(mentions: readonly MentionRecord[], authorId: string): string[] {
  const targets = new Set(mentions.map(({ userId }) => userId ?? NIL_UUID));
  targets.delete(authorId);
  return [...targets];
}
