/** Members may show that they type and see who types. */
export function canType(rights: { isMember: boolean }): boolean {
  return rights.isMember;
}
