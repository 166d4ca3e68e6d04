/** Computes the key of a set of users, independent of order and repetition. */
export function participantsKeyOf(ids: Iterable<string>): string {
  return [...new Set(ids)].sort().join(",");
}
