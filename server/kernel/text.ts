/**
 * Control and formatting characters that could disguise one name as another or break a line, and half
 * characters. Joiners are let through, for scripts and emoji need them, and so are the tags of flags.
 */
export function hasControlCharacters(text: string): boolean {
  return /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?!\u200C|\u200D|[\u{E0020}-\u{E007F}])\p{Cf}/u.test(text);
}

/** Whether there is anything to see of a name: some letters, such as the Hangul filler, are blank. */
export function isVisible(text: string): boolean {
  return /[^\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text);
}
