import type { MentionRights } from "./mention.ts";

/**
 * Whether the author may mention all members with `@here` and `@room`: moderators of a room, and any
 * member of a direct conversation or a small room.
 *
 * @param smallRoom maximum number of members of a small room
 */
export function canMentionAll(rights: MentionRights, smallRoom: number): boolean {
  if (rights.role === null) return false;
  if (rights.kind === "DIRECT" || rights.role !== "MEMBER") return true;
  return rights.memberCount <= smallRoom;
}
