/** What makes a set of people the same set, in whatever order and how often its ids are given. */
export function participantsKeyOf(ids: Iterable<string>): string {
  return [...new Set(ids)].sort().join(",");
}
