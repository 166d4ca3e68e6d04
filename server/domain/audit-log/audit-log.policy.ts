/** The inputs of the decision about reading a room's audit log. */
export interface AuditRights {
  isAdministrator: boolean;
  kind: "ROOM" | "DIRECT";
  role: "OWNER" | "MODERATOR" | "MEMBER" | null;
}

/** Moderators may see the moderation of their room. */
export function canSeeRoomAudit({ isAdministrator, kind, role }: AuditRights): boolean {
  return isAdministrator || (kind === "ROOM" && (role === "OWNER" || role === "MODERATOR"));
}
