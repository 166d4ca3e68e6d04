type Role = "OWNER" | "MODERATOR" | "MEMBER";

/** What decides: whether the room is open to all, and the viewer's place in it. */
export interface RoomAccess {
  visibility: "PUBLIC" | "PRIVATE";
  isMember: boolean;
  /** Whether a ban of the viewer is in force. */
  isBanned: boolean;
}

/** Somebody in a room, or, without a role, outside of it. */
export interface Actor {
  userId: string;
  role: Role | null;
}

/** That a public room exists, and its name, is for everyone who is signed in; a private one's for its members. */
export function canDiscoverRoom(access: RoomAccess): boolean {
  return access.visibility === "PUBLIC" || access.isMember;
}

/** Joining by oneself is for public rooms; into private ones somebody has to let you. */
export function canJoinRoom(access: RoomAccess): boolean {
  return access.visibility === "PUBLIC" && !access.isBanned;
}

/** Whoever comes into an empty room takes it over, so that a room with people in it has an owner. */
export function initialRole(isLobby: boolean, memberCount: number): "OWNER" | "MEMBER" {
  return memberCount === 0 && !isLobby ? "OWNER" : "MEMBER";
}

/** An owner may go only as the last one: a room with people in it always has an owner. */
export function canLeaveRoom(role: Role, memberCount: number): boolean {
  return role !== "OWNER" || memberCount <= 1;
}

/**
 * Whether joining and leaving is told in the history: not where many come and go, for that would bury what
 * is said, and never in the lobby, into which everyone comes.
 *
 * @param most members up to which it is told
 */
export function announcesMembership(
  room: { isLobby: boolean },
  memberCount: number,
  most: number,
): boolean {
  return !room.isLobby && memberCount <= most;
}

/** Owners and moderators name a room, set its topic and its pace, invite, and see who is banned. */
export function canModerate(role: Role | null): boolean {
  return role === "OWNER" || role === "MODERATOR";
}

/** What a room is, its address, who may see it and whether it goes on, is its owner's; the lobby stays as it is. */
export function canReshapeRoom(role: Role | null, room: { isLobby: boolean }): boolean {
  return role === "OWNER" && !room.isLobby;
}

const RANKS: Readonly<Record<Role, number>> = { OWNER: 2, MODERATOR: 1, MEMBER: 0 };

/** Removing, banning and muting: owners and moderators, of those below them and of those outside, never of themselves. */
export function canActOn(actor: Actor, target: Actor): boolean {
  if (actor.role === null || !canModerate(actor.role) || actor.userId === target.userId)
    return false;
  return target.role === null || RANKS[actor.role] > RANKS[target.role];
}

/** The owner makes and unmakes moderators; a moderator may step down. Ownership is handed over, not given. */
export function canSetRole(actor: Actor, target: Actor, role: Role): boolean {
  if (role === "OWNER" || target.role === null || target.role === "OWNER") return false;
  if (actor.userId === target.userId) return target.role === "MODERATOR" && role === "MEMBER";
  return actor.role === "OWNER";
}

/** The owner hands the room over, to another member. */
export function canTransferOwnership(actor: Actor, target: Actor): boolean {
  return actor.role === "OWNER" && target.role !== null && actor.userId !== target.userId;
}

/** An invitation is taken back by whoever made it and by those who keep order. */
export function canRevokeInvite(actor: Actor, inviterId: string): boolean {
  return canModerate(actor.role) || (actor.role !== null && actor.userId === inviterId);
}

/** Whether nobody gets in by the link any more. @param now milliseconds since the epoch */
export function isLinkExpired(
  link: { expiresAt: Date; maxUses: number | null; uses: number },
  now: number,
): boolean {
  return link.expiresAt.getTime() <= now || (link.maxUses !== null && link.uses >= link.maxUses);
}
