import { tokenize, type Token } from "./tokenizer.ts";

/** Maximum length of a query, in UTF-16 code units. */
export const QUERY_LENGTH = 256;
/** Minimum length of a prefix: a single letter matches nearly everything. */
const PREFIX_LENGTH = 2;

/** A search term at its offset in a phrase. */
export interface SearchTerm {
  text: string;
  /** Offset from the first word of the phrase. */
  offset: number;
  /** Whether it also matches longer words that start with it. */
  isPrefix: boolean;
  /** Whether it is a single character of a script without spaces; only that character is highlighted. */
  isCharacter: boolean;
}

/** A part of a query: one word, or a phrase. */
export interface Clause {
  terms: readonly [SearchTerm, ...SearchTerm[]];
  /** Whether it excludes messages. */
  isExcluded: boolean;
}

/** A parsed query: messages in which all clauses hold. */
export interface Query {
  clauses: readonly Clause[];
  /** Whether the query contains text but no words, so that nothing can match. */
  matchesNothing: boolean;
}

/** An optional exclusion, then a quoted phrase (closed or not), or the text up to the next space. */
const PART = /(-?)(?:"([^"]*)"?|(\S+))/g;

/** Parses a query. Every text is a valid query. */
export function parseQuery(text: string): Query {
  const parts = [...text.matchAll(PART)].map(([, minus, phrase, term]) => ({
    isExcluded: minus === "-",
    clause: phrase === undefined ? clauseOf(term ?? "", true) : clauseOf(phrase, false),
  }));
  const clauses = parts.flatMap(({ isExcluded, clause }) =>
    clause === null ? [] : [{ terms: clause, isExcluded }],
  );
  return { clauses, matchesNothing: parts.length > 0 && clauses.length === 0 };
}

function clauseOf(text: string, mayBePrefix: boolean): Clause["terms"] | null {
  const words = tokenize(text);
  const endsInStar = mayBePrefix && /[^*]\*+$/.test(text);
  const terms = words.flatMap((word, at): SearchTerm[] => {
    if (word.kind === "LAST" && words[at - 1]?.kind === "PAIR") return [];
    const isCharacter = word.kind === "LAST";
    const isPrefix =
      isCharacter ||
      (endsInStar && at === words.length - 1 && Array.from(word.text).length >= PREFIX_LENGTH);
    return [{ text: word.text, offset: word.place - 1, isPrefix, isCharacter }];
  });
  const [first, ...rest] = terms;
  return first === undefined ? null : [first, ...rest];
}

/** Converts clauses to a tsquery; empty if there is none. */
export function tsqueryOf(clauses: readonly Clause[]): string {
  return clauses
    .map(({ terms, isExcluded }) => {
      const [first, ...rest] = terms;
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

/** Quotes a word for the text of a tsvector or tsquery. */
export function quoted(word: string): string {
  return `'${word.replace(/['\\]/g, (character) => character + character)}'`;
}

/** A range of a text in UTF-16 code units, from `start` to `end` (exclusive). */
export interface Span {
  start: number;
  end: number;
}

/** Maximum number of highlighted spans in one text. */
const SPANS = 100;

/** Finds the spans of a text that match a query, in order and without overlap. */
export function highlightsOf(text: string, clauses: readonly Clause[]): Span[] {
  const words = tokenize(text);
  const wanted = clauses.filter(({ isExcluded }) => !isExcluded);
  const found = words.flatMap((_word, at) =>
    wanted.flatMap(({ terms }) => spanAt(words, at, terms) ?? []),
  );
  const merged: Span[] = [];
  for (const span of found.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else merged.push({ ...span });
  }
  return merged.slice(0, SPANS);
}

/** Returns the span of a clause whose first word is at `at`; null if it does not match. */
function spanAt(words: readonly Token[], at: number, terms: Clause["terms"]): Span | null {
  let end = 0;
  for (const { text, offset, isPrefix, isCharacter } of terms) {
    // Words are numbered consecutively, so an offset is also an offset in the list.
    const word = words[at + offset];
    if (word === undefined) return null;
    if (isPrefix ? !word.text.startsWith(text) : word.text !== text) return null;
    end = Math.max(end, isCharacter ? word.firstEnd : word.end);
  }
  const start = words[at]?.start;
  return start === undefined ? null : { start, end };
}
