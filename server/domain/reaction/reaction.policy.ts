/** One emoji as users perceive it, including flags, skin tones and families (Unicode TR51, RGI set). */
const ONE_EMOJI = new RegExp("^\\p{RGI_Emoji}$", "v");

/**
 * Characters that are text unless a variation selector follows: except before a skin tone, which makes
 * them emoji, and digits only before a keycap.
 */
const NEEDS_SELECTOR = new RegExp(
  "(?:(?![0-9#*])\\p{Emoji}(?<!\\p{Emoji_Presentation})(?!\\p{Emoji_Modifier})|[0-9#*](?=\\u20e3))",
  "gu",
);
const MAX_LENGTH = 64;

/**
 * Returns an emoji in its fully-qualified form (Unicode TR51 section 2.7), so that a heart is equal from
 * every keyboard; null if the text is not exactly one emoji.
 */
export function emojiOf(text: string): string | null {
  if (text.length > MAX_LENGTH) return null;
  if (ONE_EMOJI.test(text)) return text;
  const full = text.replace(/[\uFE0E\uFE0F]/g, "").replace(NEEDS_SELECTOR, "$&\uFE0F");
  return ONE_EMOJI.test(full) ? full : null;
}

/** Members may react to messages. */
export function canReact(rights: { role: string | null }): boolean {
  return rights.role !== null;
}
