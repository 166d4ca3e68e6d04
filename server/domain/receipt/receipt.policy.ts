/** Members see how far the others are; who only looks in does not. */
export function canSeeReceipts(rights: { role: string | null }): boolean {
  return rights.role !== null;
}

/**
 * Whether the moves of marks are shown live: in a large conversation every reader of every message would
 * be told to all who look at it.
 *
 * @param limit most members of a conversation where they are
 */
export function showsReceiptsLive(memberCount: number, limit: number): boolean {
  return memberCount <= limit;
}
