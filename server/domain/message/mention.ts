import { NIL_UUID } from "../../kernel/ids.ts";
import type { MentionRecord, MentionSpan } from "./message.record.ts";

/** What decides about calling everyone: where, as what, and among how many. */
export interface MentionRights {
  kind: "ROOM" | "DIRECT";
  role: "OWNER" | "MODERATOR" | "MEMBER" | null;
  memberCount: number;
}

/** What is stored of mentions; null for none. Whom they mean is read anew each time, for names change. */
export function spansOf(mentions: readonly MentionRecord[]): MentionSpan[] | null {
  if (mentions.length === 0) return null;
  return mentions.map(({ kind, userId, start, length }) => ({ kind, userId, start, length }));
}

/** Whom mentions call, each once: people but for the author, the nil UUID for everyone. */
export function targetsOf(mentions: readonly MentionRecord[], authorId: string): string[] {
  const targets = new Set(mentions.map(({ userId }) => userId ?? NIL_UUID));
  targets.delete(authorId);
  return [...targets];
}
