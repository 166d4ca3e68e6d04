/** Under which names a browser keeps what a person wrote and did not send. */
export const keptDraftsOf = (personId: string): string => `parley.draft.${personId}.`;
export const keptOutboxOf = (personId: string): string => `parley.outbox.${personId}.`;

/**
 * Forgets what was written and not sent. Whoever logs out may leave the machine to others.
 *
 * @param storages normally `localStorage` and `sessionStorage`; one that is forbidden keeps nothing
 * @param personId whose it was
 */
export function forgetKept(
  storages: readonly Pick<Storage, "length" | "key" | "removeItem">[],
  personId: string,
): void {
  const prefixes = [keptDraftsOf(personId), keptOutboxOf(personId)];
  for (const storage of storages) {
    try {
      const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
      for (const key of keys)
        if (prefixes.some((prefix) => key.startsWith(prefix))) storage.removeItem(key);
    } catch {
      // What may not be read was never written.
    }
  }
}
