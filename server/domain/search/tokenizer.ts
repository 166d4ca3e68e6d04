/** Maximum length up to which words are distinguished, in UTF-16 code units. */
const WORD_LENGTH = 64;
/** Maximum number of word positions in one text, the limit of PostgreSQL's tsvector. */
const MAX_WORDS = 16_000;

/** A searchable word of a text and its position. */
export interface Token {
  /** Lower case, without accents, in one form for everything that looks the same. */
  text: string;
  /** Number of its position in the text, from 1. Phrases are words at consecutive positions. */
  place: number;
  /** UTF-16 code units from `start` to `end` (exclusive). */
  start: number;
  end: number;
  /** End of its first character: the highlighted range if only that character was searched. */
  firstEnd: number;
  /**
   * In scripts without spaces, words are pairs of adjacent characters, so that any part of a text is
   * found as a phrase. The last character of a run is a separate word and belongs to no phrase.
   */
  kind: "WORD" | "PAIR" | "LAST";
}

/** Scripts without spaces between words, and Korean, whose words have suffixes. */
const DENSE =
  "\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Bopo}\\p{scx=Hang}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}";
const LETTER = "\\p{L}\\p{N}\\p{M}";
/** A run of letters of one kind, or a single emoji. */
const RUN = new RegExp(
  `((?:(?=[${LETTER}])[${DENSE}])+)|(?:(?![${DENSE}])[${LETTER}])+|\\p{RI}\\p{RI}|\\p{Extended_Pictographic}`,
  "gu",
);
const PLAIN_RUN = /[a-z0-9]+/gi;
const IS_PLAIN = /^[\0-\x7f]*$/;
/** Accents of European letters, points of Hebrew, short vowels of Arabic, and variation selectors. */
const MARKS = /[\u0300-\u036f]|[\u0591-\u05c7]|[\u064b-\u065f]|\u0640|\u0670|[\ufe00-\ufe0f]/g;
/** Letters that users type differently and that Unicode does not decompose. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  þ: "th",
  ł: "l",
  ħ: "h",
  ı: "i",
  ς: "σ",
};
const SPECIAL_LETTERS = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "g");

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Folds all spellings of a word to one form. Empty if nothing remains. */
function fold(run: string): string {
  const folded = run
    .toLowerCase()
    .normalize("NFKD")
    .replace(MARKS, "")
    .normalize("NFC")
    .replace(SPECIAL_LETTERS, (letter) => LETTERS[letter] ?? letter);
  return folded.length <= WORD_LENGTH
    ? folded
    : folded.slice(0, WORD_LENGTH).replace(/[\uD800-\uDBFF]$/, "");
}

/** Returns the words of any text, in order. */
export function tokenize(text: string): Token[] {
  const words: Token[] = [];
  const add = (folded: string, start: number, end: number): void => {
    if (folded === "") return;
    words.push({ text: folded, place: words.length + 1, start, end, firstEnd: end, kind: "WORD" });
  };
  if (IS_PLAIN.test(text)) {
    for (const { 0: run, index } of text.matchAll(PLAIN_RUN)) {
      if (words.length >= MAX_WORDS) break;
      add(run.slice(0, WORD_LENGTH).toLowerCase(), index, index + run.length);
    }
    return words;
  }
  for (const { 0: run, 1: dense, index } of text.matchAll(RUN)) {
    if (words.length >= MAX_WORDS) break;
    if (dense === undefined) add(fold(run), index, index + run.length);
    else addPairs(words, dense, index);
  }
  return words.slice(0, MAX_WORDS);
}

function addPairs(words: Token[], run: string, offset: number): void {
  const characters = [...graphemes.segment(run)].flatMap(({ segment, index }) => {
    const text = fold(segment);
    const start = offset + index;
    return text === "" ? [] : [{ text, start, end: start + segment.length }];
  });
  characters.forEach(({ text, start, end }, at) => {
    const next = characters[at + 1];
    words.push({
      text: text + (next?.text ?? ""),
      place: words.length + 1,
      start,
      end: next?.end ?? end,
      firstEnd: end,
      kind: next === undefined ? "LAST" : "PAIR",
    });
  });
}
