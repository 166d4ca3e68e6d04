/** Users who may know of a conversation may list its threads, unless they are banned from it. */
export function canListThreads(access: { isBanned: boolean }): boolean {
  return !access.isBanned;
}

/** Members of the conversation may follow its threads. */
export function canFollowThread(rights: { role: string | null }): boolean {
  return rights.role !== null;
}
