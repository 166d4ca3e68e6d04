/** Whoever may come to write in a conversation may keep a draft there: its members, muted ones included. */
export function canKeepDraft(access: { isMember: boolean }): boolean {
  return access.isMember;
}

/**
 * Whether a device knows what it is about to replace. One that was away must not bring back what was
 * cleared since.
 *
 * @param base    version that the device goes on with, null where there was no draft; undefined does not care
 * @param current version of the draft as it is; null where there is none
 */
export function isUpToDate(base: number | null | undefined, current: number | null): boolean {
  return base === undefined || base === current;
}
