import type { MentionRights } from "./mention.ts";

/**
 * Who may call everyone with `@here` and `@room`: those who keep a room in order, in a direct
 * conversation everyone, and in a small room, too.
 *
 * @param smallRoom most members of a room that counts as small
 */
export function canMentionAll(rights: MentionRights, smallRoom: number): boolean {
  if (rights.role === null) return false;
  if (rights.kind === "DIRECT" || rights.role !== "MEMBER") return true;
  return rights.memberCount <= smallRoom;
}
