import { codeRanges, isEscaped, type Range } from "./markdown-code.ts";

/** A place in a text where somebody may be meant. */
export interface MentionCandidate {
  /** Where the `@` stands, in UTF-16 code units. */
  start: number;
  /** What may be meant, as it is written and without the `@`: the longest first. */
  names: string[];
}

/** Most mentions that one message can have; what is written after that stays plain text. */
export const MENTION_LIMIT = 50;

/** Letters of scripts that put no blank between words: a name may stand right beside them. */
const UNSPACED =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
const LETTER = "\\p{L}\\p{M}\\p{N}";

/** The longest that could be a name; names are shorter than its limit. */
const NAME = new RegExp(`[${LETTER}](?:[${LETTER}_.-]{0,62}[${LETTER}])?`, "uy");
/** Ends of shorter names within a longer one. */
const SHORTER = new RegExp(`[_.-]+|(?<![${UNSPACED}])(?=[${UNSPACED}])`, "gu");
const SHORTER_LIMIT = 6;

/** What makes the `@` part of a word before it, as in an e-mail address. */
const WORD_BEFORE = new RegExp(`(?:(?![${UNSPACED}])[${LETTER}]|[@+])[_-]*$`, "u");
/** What makes it part of an address of the web. */
const ADDRESS_BEFORE = new RegExp(`://|www\\.|[${LETTER}]\\.[${LETTER}]+(?::\\d+)?/`, "iu");
/** How far back a word is looked at. */
const LOOK_BACK = 256;

/**
 * The places of a text where somebody is mentioned, if there are people of these names: not in code,
 * not in e-mail addresses and addresses of the web, not after a backslash.
 */
export function mentionCandidates(text: string): MentionCandidate[] {
  const candidates: MentionCandidate[] = [];
  let code: Range[] | null = null;
  let start = text.indexOf("@");
  for (; start !== -1 && candidates.length < MENTION_LIMIT; start = text.indexOf("@", start + 1)) {
    if (isEscaped(text, start) || isWithinWord(text, start)) continue;
    NAME.lastIndex = start + 1;
    const name = NAME.exec(text)?.[0];
    // `@ada@example.org` is somebody elsewhere.
    if (name === undefined || text[start + 1 + name.length] === "@") continue;
    code ??= codeRanges(text);
    if (isWithin(code, start)) continue;
    candidates.push({ start, names: namesIn(name) });
  }
  return candidates;
}

/** A name and the shorter ones that it begins with, the longest first. */
function namesIn(longest: string): string[] {
  const ends = [...longest.matchAll(SHORTER)].map(({ index }) => index).filter((end) => end > 0);
  const shorter = ends.reverse().slice(0, SHORTER_LIMIT);
  return [longest, ...shorter.map((end) => longest.slice(0, end))];
}

function isWithinWord(text: string, place: number): boolean {
  const before = text.slice(Math.max(0, place - LOOK_BACK), place);
  if (WORD_BEFORE.test(before)) return true;
  return ADDRESS_BEFORE.test(before.split(/\s/).at(-1) ?? "");
}

function isWithin(ranges: readonly Range[], place: number): boolean {
  return ranges.some(({ start, end }) => start <= place && place < end);
}
