/** Storage key prefixes of a user's drafts and unsent messages. */
export const draftKeyPrefix = (personId: string): string => `parley.draft.${personId}.`;
export const outboxKeyPrefix = (personId: string): string => `parley.outbox.${personId}.`;

/**
 * Deletes a user's drafts and unsent messages. Others may use the device after a logout.
 *
 * @param storages normally `localStorage` and `sessionStorage`; a forbidden one is skipped
 * @param personId id of the user
 */
export function clearUnsent(
  storages: readonly Pick<Storage, "length" | "key" | "removeItem">[],
  personId: string,
): void {
  const prefixes = [draftKeyPrefix(personId), outboxKeyPrefix(personId)];
  for (const storage of storages) {
    try {
      const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
      for (const key of keys)
        if (prefixes.some((prefix) => key.startsWith(prefix))) storage.removeItem(key);
    } catch {
      // Storage that cannot be read contains nothing.
    }
  }
}
