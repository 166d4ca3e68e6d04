/** What decides about calling everyone: where, as what, and among how many. */
export interface MentionRights {
  kind: "ROOM" | "DIRECT";
  role: "OWNER" | "MODERATOR" | "MEMBER" | null;
  memberCount: number;
}

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
