/** Everybody may block anybody but themselves. */
export function canBlock(ties: { isSelf: boolean }): boolean {
  return !ties.isSelf;
}
