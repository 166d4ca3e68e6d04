/** Members of the conversation may follow its threads. */
export function canFollowThread(rights: { role: string | null }): boolean {
  return rights.role !== null;
}
