/** How many avatar colours the design tokens define (`--avatar-0` …). */
export const AVATAR_COLOURS = 8;

/**
 * The colour slot of a person or room: the same id gives the same colour on every device (FNV-1a,
 * 32 bit, of the UTF-16 units).
 *
 * @param id what identifies the thing, for example its username
 * @returns a number from 0 to `AVATAR_COLOURS - 1`
 */
export function avatarColour(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193) >>> 0;
  }
  // The low bits of FNV over short names are uneven; folding the halves evens them out.
  return ((hash >>> 16) ^ (hash & 0xffff)) % AVATAR_COLOURS;
}

/**
 * Up to two letters that stand for a name: the first of its first and last word, or the first of
 * the only word. Whole code points are kept, so an emoji is not cut in half.
 *
 * @param name a display name or room name
 * @returns the letters in upper case, or "?" for a name without any
 */
export function initials(name: string): string {
  const words = name.split(/[\s._-]+/u).filter((word) => word !== "");
  const first = words[0];
  if (first === undefined) return "?";
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  const letter = (word: string): string => String.fromCodePoint(word.codePointAt(0) ?? 0x3f);
  return (letter(first) + (last === undefined ? "" : letter(last))).toLocaleUpperCase();
}
