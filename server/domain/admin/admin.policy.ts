/** What decides about keeping somebody out. */
export interface SuspensionRights {
  isAdministrator: boolean;
  /** Whether it is the viewer. */
  isSelf: boolean;
  /** Whether the person administers the server as well. */
  isOtherAdministrator: boolean;
}

/** Administrators keep people out, but neither themselves nor each other. */
export function canSuspend(rights: SuspensionRights): boolean {
  return rights.isAdministrator && !rights.isSelf && !rights.isOtherAdministrator;
}

/** Whether a suspension still holds. */
export function isSuspended(suspension: { until: Date | null } | null, now: number): boolean {
  return suspension !== null && (suspension.until === null || suspension.until.getTime() > now);
}
