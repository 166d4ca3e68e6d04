/** The inputs of the decision about a suspension. */
export interface SuspensionRights {
  isAdministrator: boolean;
  /** Whether the user is the viewer. */
  isSelf: boolean;
  /** Whether the user is an administrator, too. */
  isOtherAdministrator: boolean;
}

/** Administrators may suspend users, but neither themselves nor each other. */
export function canSuspend(rights: SuspensionRights): boolean {
  return rights.isAdministrator && !rights.isSelf && !rights.isOtherAdministrator;
}

/** Whether a suspension is still in force. */
export function isSuspended(suspension: { until: Date | null } | null, now: number): boolean {
  return suspension !== null && (suspension.until === null || suspension.until.getTime() > now);
}
