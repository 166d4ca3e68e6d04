/** Who may know of a conversation sees its threads, but for those who are banned from it. */
export function canListThreads(access: { isBanned: boolean }): boolean {
  return !access.isBanned;
}

/** Whose conversation it is may ask to hear of a thread in it. */
export function canFollowThread(rights: { role: string | null }): boolean {
  return rights.role !== null;
}
