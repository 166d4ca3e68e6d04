/** Number of avatar colours in the design tokens (`--avatar-0` …). */
export const AVATAR_COLOURS = 8;

/**
 * The colour of a user or room, the same on every device: FNV-1a (32 bits) of the id's UTF-16 code
 * units.
 *
 * @param id identifies the user or room, such as the username
 * @returns an integer from 0 to `AVATAR_COLOURS - 1`
 */
export function avatarColour(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193) >>> 0;
  }
  // FNV's low bits are uneven for short ids. Folding both halves evens them out.
  return ((hash >>> 16) ^ (hash & 0xffff)) % AVATAR_COLOURS;
}

/**
 * Up to two initials of a name: the first letters of its first and last word. It keeps whole code
 * points, so it never splits an emoji.
 *
 * @param name a display name or room name
 * @returns the initials in upper case; "?" for an empty name
 */
export function initials(name: string): string {
  const words = name.split(/[\s._-]+/u).filter((word) => word !== "");
  const first = words[0];
  if (first === undefined) return "?";
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  const letter = (word: string): string => String.fromCodePoint(word.codePointAt(0) ?? 0x3f);
  return (letter(first) + (last === undefined ? "" : letter(last))).toLocaleUpperCase();
}
