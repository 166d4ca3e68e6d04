/** What decides: whether the room is open to all, and whether the viewer is in it. */
export interface RoomAccess {
  visibility: "PUBLIC" | "PRIVATE";
  isMember: boolean;
}

/** Public rooms are known to everyone who is signed in, private ones to their members. */
export function canSeeRoom(access: RoomAccess): boolean {
  return access.visibility === "PUBLIC" || access.isMember;
}

/** Joining by oneself is for public rooms; into private ones somebody has to let you. */
export function canJoinRoom(access: RoomAccess): boolean {
  return access.visibility === "PUBLIC";
}

/** Whoever comes into an empty room takes it over, so that a room with people in it has an owner. */
export function roleOfJoining(isLobby: boolean, memberCount: number): "OWNER" | "MEMBER" {
  return memberCount === 0 && !isLobby ? "OWNER" : "MEMBER";
}

/** An owner may go only as the last one: a room with people in it always has an owner. */
export function canLeaveRoom(role: "OWNER" | "MODERATOR" | "MEMBER", memberCount: number): boolean {
  return role !== "OWNER" || memberCount <= 1;
}
