/** What decides about writing to people: how many they are, the writer included, and what is between two. */
export interface DirectTies {
  people: number;
  /** Of two people, whether either has blocked the other. */
  isBlocked: boolean;
}

/** A block stands between two people; where more are together, nobody is kept from speaking. */
export function canWriteToEachOther(ties: DirectTies): boolean {
  return ties.people !== 2 || !ties.isBlocked;
}
