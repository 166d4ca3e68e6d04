/** What decides about writing to people: how many they are, the writer included, and what is between them. */
export interface DirectRelationship {
  people: number;
  /** Whether the writer has blocked one of the others, or is blocked by one. */
  isBlocked: boolean;
  /** Whether one of those does not have the conversation in their list yet. */
  isNewToBlocked: boolean;
}

/**
 * A block stands between two people. Where more are together nobody is kept from speaking, but nobody is
 * brought together there with somebody they are blocked from, either.
 */
export function canWriteTo(ties: DirectRelationship): boolean {
  return ties.people === 2 ? !ties.isBlocked : !ties.isNewToBlocked;
}
