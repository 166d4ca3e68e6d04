/**
 * The fields that order the versions of a message. Select both, so that old versions never win.
 */
export interface Versioned {
  readonly editedAt?: string | null | undefined;
  readonly deletedAt?: string | null | undefined;
}

/** Whether one version of a message is newer than another. A deletion is always the newest. */
export function isNewer(version: Versioned, other: Versioned): boolean {
  const [deleted, otherDeleted] = [version, other].map(({ deletedAt }) => Boolean(deletedAt));
  if (deleted !== otherDeleted) return deleted === true;
  return Date.parse(version.editedAt ?? "") > (Date.parse(other.editedAt ?? "") || 0);
}
