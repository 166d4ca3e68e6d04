/** By what versions of a message are told apart; select both, so that old ones replace no newer ones. */
export interface Versioned {
  readonly editedAt?: string | null | undefined;
  readonly deletedAt?: string | null | undefined;
}

/** Whether a version of a message has a text of later date than another one; nothing follows a deletion. */
export function isNewer(version: Versioned, other: Versioned): boolean {
  const [deleted, otherDeleted] = [version, other].map(({ deletedAt }) => Boolean(deletedAt));
  if (deleted !== otherDeleted) return deleted === true;
  return Date.parse(version.editedAt ?? "") > (Date.parse(other.editedAt ?? "") || 0);
}
