import type { ConversationAccess } from "../conversation/conversation.record.ts";

type Role = "OWNER" | "MODERATOR" | "MEMBER";

/** A user in a room; without a role, a non-member. */
export interface Actor {
  userId: string;
  role: Role | null;
}

/** Users can join public rooms without an invite, but need one for a private room. */
export function canJoinRoom(access: ConversationAccess): boolean {
  return access.visibility === "PUBLIC" && !access.isBanned;
}

/** The first member of an empty room becomes its owner, so that every room with members has one. */
export function initialRole(isLobby: boolean, memberCount: number): "OWNER" | "MEMBER" {
  return memberCount === 0 && !isLobby ? "OWNER" : "MEMBER";
}

/** The owner may leave only as the last member, because a room with members always has an owner. */
export function canLeaveRoom(role: Role, memberCount: number): boolean {
  return role !== "OWNER" || memberCount <= 1;
}

/**
 * Whether the room's history records joins and departures: not in large rooms, where they would bury the
 * messages, and never in the lobby, which all users join.
 *
 * @param most maximum number of members of a room that records them
 */
export function announcesMembership(
  room: { isLobby: boolean },
  memberCount: number,
  most: number,
): boolean {
  return !room.isLobby && memberCount <= most;
}

/** Owners and moderators may change name, topic and slow mode, invite users, and see bans. */
export function canModerate(role: Role | null): boolean {
  return role === "OWNER" || role === "MODERATOR";
}

/** Only the owner may change address, visibility and archiving of a room. The lobby cannot change. */
export function canReshapeRoom(role: Role | null, room: { isLobby: boolean }): boolean {
  return role === "OWNER" && !room.isLobby;
}

const RANKS: Readonly<Record<Role, number>> = { OWNER: 2, MODERATOR: 1, MEMBER: 0 };

/**
 * Owners and moderators may remove, ban and mute members of a lower role and non-members, but never
 * themselves.
 */
export function canActOn(actor: Actor, target: Actor): boolean {
  if (actor.role === null || !canModerate(actor.role) || actor.userId === target.userId)
    return false;
  return target.role === null || RANKS[actor.role] > RANKS[target.role];
}

/**
 * The owner appoints and dismisses moderators; moderators may step down. Ownership is transferred, never
 * granted.
 */
export function canSetRole(actor: Actor, target: Actor, role: Role): boolean {
  if (role === "OWNER" || target.role === null || target.role === "OWNER") return false;
  if (actor.userId === target.userId) return target.role === "MODERATOR" && role === "MEMBER";
  return actor.role === "OWNER";
}

/** The owner may transfer the room to another member. */
export function canTransferOwnership(actor: Actor, target: Actor): boolean {
  return actor.role === "OWNER" && target.role !== null && actor.userId !== target.userId;
}

/** The inviting user and moderators may withdraw an invite. */
export function canRevokeInvite(actor: Actor, inviterId: string): boolean {
  return canModerate(actor.role) || (actor.role !== null && actor.userId === inviterId);
}

/** Whether a link is no longer valid. @param now milliseconds since the Unix epoch */
export function isLinkExpired(
  link: { expiresAt: Date; maxUses: number | null; uses: number },
  now: number,
): boolean {
  return link.expiresAt.getTime() <= now || (link.maxUses !== null && link.uses >= link.maxUses);
}
