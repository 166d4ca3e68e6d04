/** Members may keep a draft, even while muted. */
export function canKeepDraft(access: { isMember: boolean }): boolean {
  return access.isMember;
}

/**
 * Whether a device knows the draft that it is about to replace. A device that was offline must not
 * restore a cleared draft.
 *
 * @param base version that the device edited, null if there was no draft; undefined to skip the check
 * @param current version of the stored draft; null if there is none
 */
export function isUpToDate(base: number | null | undefined, current: number | null): boolean {
  return base === undefined || base === current;
}
