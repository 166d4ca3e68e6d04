import { codeRanges, isEscaped, type Range } from "./markdown-code.ts";

/** A position in a text that may mention a user. */
export interface MentionCandidate {
  /** Offset of the `@`, in UTF-16 code units. */
  start: number;
  /** Possible names as written, without the `@`, longest first. */
  names: string[];
}

/** Maximum number of mentions in one message; later ones stay plain text. */
export const MENTION_LIMIT = 50;

/** Letters of scripts that put no space between words: a name may directly follow or precede them. */
const UNSPACED =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
const LETTER = "\\p{L}\\p{M}\\p{N}";

/** The longest possible name; the limit of usernames is shorter. */
const NAME = new RegExp(`[${LETTER}](?:[${LETTER}_.-]{0,62}[${LETTER}])?`, "uy");
/** Positions at which a longer name contains a shorter one. */
const SHORTER = new RegExp(`[_.-]+|(?<![${UNSPACED}])(?=[${UNSPACED}])`, "gu");
const SHORTER_LIMIT = 6;

/** Text before the `@` that makes it part of a word, as in an e-mail address. */
const WORD_BEFORE = new RegExp(`(?:(?![${UNSPACED}])[${LETTER}]|[@+])[_-]*$`, "u");
/** Text before the `@` that makes it part of a URL. */
const ADDRESS_BEFORE = new RegExp(`://|www\\.|[${LETTER}]\\.[${LETTER}]+(?::\\d+)?/`, "iu");
/** Maximum number of characters to look back. */
const LOOK_BEHIND = 256;

/**
 * Finds the positions that may mention users: outside code, e-mail addresses and URLs, and not after a
 * backslash.
 */
export function mentionCandidates(text: string): MentionCandidate[] {
  const candidates: MentionCandidate[] = [];
  let code: Range[] | null = null;
  let start = text.indexOf("@");
  for (; start !== -1 && candidates.length < MENTION_LIMIT; start = text.indexOf("@", start + 1)) {
    if (isEscaped(text, start) || isWithinWord(text, start)) continue;
    NAME.lastIndex = start + 1;
    const name = NAME.exec(text)?.[0];
    // `@ada@example.org` is a user of another server.
    if (name === undefined || text[start + 1 + name.length] === "@") continue;
    code ??= codeRanges(text);
    if (isWithin(code, start)) continue;
    candidates.push({ start, names: namesIn(name) });
  }
  return candidates;
}

/** Returns a name and its shorter prefixes, longest first. */
function namesIn(longest: string): string[] {
  const ends = [...longest.matchAll(SHORTER)].map(({ index }) => index).filter((end) => end > 0);
  const shorter = ends.reverse().slice(0, SHORTER_LIMIT);
  return [longest, ...shorter.map((end) => longest.slice(0, end))];
}

function isWithinWord(text: string, place: number): boolean {
  const before = text.slice(Math.max(0, place - LOOK_BEHIND), place);
  if (WORD_BEFORE.test(before)) return true;
  return ADDRESS_BEFORE.test(before.split(/\s/).at(-1) ?? "");
}

function isWithin(ranges: readonly Range[], place: number): boolean {
  return ranges.some(({ start, end }) => start <= place && place < end);
}
