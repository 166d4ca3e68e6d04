/** Longest word that is told apart from another, in UTF-16 code units. */
const WORD_LENGTH = 64;
/** Most places of one text: what PostgreSQL's tsvector numbers. */
const PLACES = 16_000;

/** A word of a text as it is searched, and where it stands. */
export interface Token {
  /** In lower case, without accents, in the one spelling of everything that looks the same. */
  text: string;
  /** Number of its place in the text, from 1. Phrases are words at neighbouring places. */
  place: number;
  /** UTF-16 code units from `start` up to, not including, `end`. */
  start: number;
  end: number;
  /** Where its first character ends: what is found of it when only that was looked for. */
  firstEnd: number;
  /**
   * In scripts without spaces, words are the pairs of neighbouring characters, so that any part of a
   * text is found as a phrase. The last character of a run stands alone, and belongs to no phrase.
   */
  kind: "WORD" | "PAIR" | "LAST";
}

/** Scripts that are written without spaces between words, and Korean, whose words grow endings. */
const DENSE =
  "\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Bopo}\\p{scx=Hang}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}";
const LETTER = "\\p{L}\\p{N}\\p{M}";
/** A run of letters of one sort, or a single emoji. */
const RUN = new RegExp(
  `((?:(?=[${LETTER}])[${DENSE}])+)|(?:(?![${DENSE}])[${LETTER}])+|\\p{RI}\\p{RI}|\\p{Extended_Pictographic}`,
  "gu",
);
const PLAIN_RUN = /[a-z0-9]+/gi;
const IS_PLAIN = /^[\0-\x7f]*$/;
/** Accents of European letters, points of Hebrew, short vowels of Arabic, and what chooses a glyph. */
const MARKS = /[\u0300-\u036f]|[\u0591-\u05c7]|[\u064b-\u065f]|\u0640|\u0670|[\ufe00-\ufe0f]/g;
/** Letters that people type in another way and Unicode does not take apart. */
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
const SPELLED = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "g");

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The one spelling of a word that all its spellings share. Empty when nothing is left of it. */
function fold(run: string): string {
  const folded = run
    .toLowerCase()
    .normalize("NFKD")
    .replace(MARKS, "")
    .normalize("NFC")
    .replace(SPELLED, (letter) => LETTERS[letter] ?? letter);
  return folded.length <= WORD_LENGTH
    ? folded
    : folded.slice(0, WORD_LENGTH).replace(/[\uD800-\uDBFF]$/, "");
}

/** The words of a text, in their order. Any text will do. */
export function tokenize(text: string): Token[] {
  const words: Token[] = [];
  const add = (folded: string, start: number, end: number): void => {
    if (folded === "") return;
    words.push({ text: folded, place: words.length + 1, start, end, firstEnd: end, kind: "WORD" });
  };
  if (IS_PLAIN.test(text)) {
    for (const { 0: run, index } of text.matchAll(PLAIN_RUN)) {
      if (words.length >= PLACES) break;
      add(run.slice(0, WORD_LENGTH).toLowerCase(), index, index + run.length);
    }
    return words;
  }
  for (const { 0: run, 1: dense, index } of text.matchAll(RUN)) {
    if (words.length >= PLACES) break;
    if (dense === undefined) add(fold(run), index, index + run.length);
    else addPairs(words, dense, index);
  }
  return words.slice(0, PLACES);
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
