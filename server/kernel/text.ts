/**
 * Whether the text contains lone surrogates, or control and format characters that could break a line or
 * disguise a name. Joiners and the tags of flags are allowed, because scripts and emoji need them.
 */
export function hasControlCharacters(text: string): boolean {
  return /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?!\u200C|\u200D|[\u{E0020}-\u{E007F}])\p{Cf}/u.test(text);
}

/** Whether the text has a visible character. Some letters, such as the Hangul filler, are blank. */
export function isVisible(text: string): boolean {
  return /[^\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text);
}
