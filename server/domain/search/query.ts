import { tokenize, type Token } from "./tokenizer.ts";

/** Longest query, in UTF-16 code units. */
export const QUERY_LENGTH = 256;
/** Fewest letters that a prefix has: what begins with a single one is nearly everything. */
const PREFIX_LENGTH = 2;

/** A word to look for, at its place in a phrase. */
export interface SearchTerm {
  text: string;
  /** Places after the phrase's first word. */
  offset: number;
  /** Whether words that only begin so are found too. */
  isPrefix: boolean;
  /** Whether it is a single character of a script without spaces: only that character is what is found. */
  isCharacter: boolean;
}

/** A part of a query: a word, or words at neighbouring places. */
export interface Clause {
  sought: readonly [SearchTerm, ...SearchTerm[]];
  /** Whether messages with it are left out. */
  isExcluded: boolean;
}

/** What somebody looks for: messages in which all clauses hold. */
export interface Query {
  clauses: readonly Clause[];
  /** Whether something was asked for in which there is no word: nothing can be found then. */
  isHopeless: boolean;
}

/** An exclusion or not; then a phrase, closed or not, or whatever stands up to the next space. */
const PART = /(-?)(?:"([^"]*)"?|(\S+))/g;

/** Reads what a person typed. Any text is a query. */
export function parseQuery(text: string): Query {
  const parts = [...text.matchAll(PART)].map(([, minus, phrase, term]) => ({
    isExcluded: minus === "-",
    clause: phrase === undefined ? clauseOf(term ?? "", true) : clauseOf(phrase, false),
  }));
  const clauses = parts.flatMap(({ isExcluded, clause }) =>
    clause === null ? [] : [{ sought: clause, isExcluded }],
  );
  return { clauses, isHopeless: parts.length > 0 && clauses.length === 0 };
}

function clauseOf(text: string, mayBePrefix: boolean): Clause["sought"] | null {
  const words = tokenize(text);
  const endsInStar = mayBePrefix && /[^*]\*+$/.test(text);
  const sought = words.flatMap((word, at): SearchTerm[] => {
    if (word.kind === "LAST" && words[at - 1]?.kind === "PAIR") return [];
    const isCharacter = word.kind === "LAST";
    const isPrefix =
      isCharacter ||
      (endsInStar && at === words.length - 1 && Array.from(word.text).length >= PREFIX_LENGTH);
    return [{ text: word.text, offset: word.place - 1, isPrefix, isCharacter }];
  });
  const [first, ...rest] = sought;
  return first === undefined ? null : [first, ...rest];
}

/** The query in PostgreSQL's words; empty when it has no clause of that sort. */
export function tsqueryOf(clauses: readonly Clause[]): string {
  return clauses
    .map(({ sought, isExcluded }) => {
      const [first, ...rest] = sought;
      let previous = first;
      const phrase = rest.reduce((text, next) => {
        const distance = String(next.offset - previous.offset);
        previous = next;
        return `${text} <${distance}> ${operandOf(next)}`;
      }, operandOf(first));
      return `${isExcluded ? "!" : ""}(${phrase})`;
    })
    .join(" & ");
}

function operandOf({ text, isPrefix }: SearchTerm): string {
  return `${quoted(text)}${isPrefix ? ":*" : ""}`;
}

/** A word as it stands in the text of a tsvector or tsquery. */
export function quoted(word: string): string {
  return `'${word.replace(/['\\]/g, (character) => character + character)}'`;
}

/** A part of a text: UTF-16 code units from `start` up to, not including, `end`. */
export interface Span {
  start: number;
  end: number;
}

/** Most spans that are shown of one text. */
const SPANS = 100;

/** Where a text has what was looked for; in order, and none touches another. */
export function highlightsOf(text: string, clauses: readonly Clause[]): Span[] {
  const words = tokenize(text);
  const wanted = clauses.filter(({ isExcluded }) => !isExcluded);
  const found = words.flatMap((_word, at) =>
    wanted.flatMap(({ sought }) => spanAt(words, at, sought) ?? []),
  );
  const merged: Span[] = [];
  for (const span of found.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else merged.push({ ...span });
  }
  return merged.slice(0, SPANS);
}

/** The span of a clause whose first word is the one at `at`. */
function spanAt(words: readonly Token[], at: number, sought: Clause["sought"]): Span | null {
  let end = 0;
  for (const { text, offset, isPrefix, isCharacter } of sought) {
    // Words stand at the places of their numbers, so an offset is one in the list too.
    const word = words[at + offset];
    if (word === undefined) return null;
    if (isPrefix ? !word.text.startsWith(text) : word.text !== text) return null;
    end = Math.max(end, isCharacter ? word.firstEnd : word.end);
  }
  const start = words[at]?.start;
  return start === undefined ? null : { start, end };
}
