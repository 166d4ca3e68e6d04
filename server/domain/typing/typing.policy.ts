/** Members show that they write, and see who does. */
export function canType(rights: { isMember: boolean }): boolean {
  return rights.isMember;
}
