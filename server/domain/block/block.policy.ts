/** Users may block anyone but themselves. */
export function canBlock(ties: { isSelf: boolean }): boolean {
  return !ties.isSelf;
}
