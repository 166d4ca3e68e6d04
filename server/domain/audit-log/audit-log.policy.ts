/** What decides about reading a room's part of the audit log. */
export interface AuditRights {
  isAdministrator: boolean;
  kind: "ROOM" | "DIRECT";
  role: "OWNER" | "MODERATOR" | "MEMBER" | null;
}

/** Those who keep order in a room see what was done to keep it. */
export function canSeeRoomAudit({ isAdministrator, kind, role }: AuditRights): boolean {
  return isAdministrator || (kind === "ROOM" && (role === "OWNER" || role === "MODERATOR"));
}
