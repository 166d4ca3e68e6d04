/** One emoji as people see one, flags, skin tones and families included (Unicode TR51, RGI set). */
const ONE_EMOJI = new RegExp("^\\p{RGI_Emoji}$", "v");

/** Whether the text is exactly one emoji. */
export function isEmoji(text: string): boolean {
  return text.length <= 64 && ONE_EMOJI.test(text);
}

/** Members react to what is said among them. */
export function canReact(rights: { role: string | null }): boolean {
  return rights.role !== null;
}
