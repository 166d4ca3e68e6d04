/** One emoji as people see one, flags, skin tones and families included (Unicode TR51, RGI set). */
const ONE_EMOJI = new RegExp("^\\p{RGI_Emoji}$", "v");

/**
 * What is shown as text unless a variation selector follows: not where a skin tone follows, which
 * makes it an emoji by itself, and of digits only those that a keycap stands behind.
 */
const NEEDS_SELECTOR = new RegExp(
  "(?:(?![0-9#*])\\p{Emoji}(?<!\\p{Emoji_Presentation})(?!\\p{Emoji_Modifier})|[0-9#*](?=\\u20e3))",
  "gu",
);
const MAX_LENGTH = 64;

/**
 * An emoji in its full spelling (fully-qualified, Unicode TR51 section 2.7), so that a heart is the same
 * heart from every keyboard; null for what is not exactly one emoji.
 */
export function emojiOf(text: string): string | null {
  if (text.length > MAX_LENGTH) return null;
  if (ONE_EMOJI.test(text)) return text;
  const full = text.replace(/[\uFE0E\uFE0F]/g, "").replace(NEEDS_SELECTOR, "$&\uFE0F");
  return ONE_EMOJI.test(full) ? full : null;
}

/** Members react to what is said among them. */
export function canReact(rights: { role: string | null }): boolean {
  return rights.role !== null;
}
