/**
 * The inputs of the decision about a direct conversation: its number of users including the sender, and
 * blocks.
 */
export interface DirectRelationship {
  people: number;
  /** Whether a block exists between the sender and one of the others. */
  isBlocked: boolean;
  /** Whether one of those users does not have the conversation in their list yet. */
  isNewToBlocked: boolean;
}

/** A block separates two users. In a group, both may send, but no new group brings them together. */
export function canWriteTo(ties: DirectRelationship): boolean {
  return ties.people === 2 ? !ties.isBlocked : !ties.isNewToBlocked;
}
