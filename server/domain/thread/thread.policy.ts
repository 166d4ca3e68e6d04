/** Whose conversation it is may ask to hear of a thread in it. */
export function canFollowThread(rights: { role: string | null }): boolean {
  return rights.role !== null;
}
