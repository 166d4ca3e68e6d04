/** Only members may see receipts. */
export function canSeeReceipts(rights: { role: string | null }): boolean {
  return rights.role !== null;
}

/**
 * Whether mark movements are sent live. In a large conversation, every reader of every message would
 * cause a signal to every viewer.
 *
 * @param limit maximum number of members with live marks
 */
export function showsReceiptsLive(memberCount: number, limit: number): boolean {
  return memberCount <= limit;
}
