/** A range of a text in UTF-16 code units, from `start` to `end` (exclusive). */
export interface Range {
  start: number;
  end: number;
}

interface Fence {
  start: number;
  mark: string;
}

// Also matches inside quotes and lists. CommonMark 0.31, section 4.5: a fence of backticks is not
// followed by another backtick.
const FENCE_OPENS = /^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)?(`{3,}(?=[^`]*$)|~{3,})/;
const FENCE_CLOSES = /^[ \t>]*(`{3,}|~{3,})[ \t\r]*$/;

/**
 * Finds code spans and fenced code blocks of a Markdown text, as defined by CommonMark 0.31
 * (https://spec.commonmark.org/0.31.2/#code-spans, #fenced-code-blocks), in order and in linear time.
 */
export function codeRanges(text: string): Range[] {
  if (!/`|~~~/.test(text)) return [];
  const ranges: Range[] = [];
  let fence: Fence | null = null;
  let paragraph = 0;
  const endParagraph = (end: number, next: number): void => {
    ranges.push(...codeSpans(text, paragraph, end));
    paragraph = next;
  };
  for (const { start, end } of lines(text)) {
    const line = text.slice(start, end);
    if (fence !== null) {
      const mark = FENCE_CLOSES.exec(line)?.[1];
      if (mark?.[0] !== fence.mark[0] || mark === undefined || mark.length < fence.mark.length)
        continue;
      ranges.push({ start: fence.start, end });
      fence = null;
      paragraph = end;
      continue;
    }
    const mark = FENCE_OPENS.exec(line)?.[1];
    if (mark !== undefined) {
      endParagraph(start, end);
      fence = { start, mark };
    } else if (line.trim() === "") endParagraph(start, end);
  }
  // An unclosed block extends to the end.
  if (fence !== null) ranges.push({ start: fence.start, end: text.length });
  else endParagraph(text.length, text.length);
  return ranges;
}

function* lines(text: string): Generator<Range> {
  let start = 0;
  while (start < text.length) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    yield { start, end };
    start = end + 1;
  }
}

/** Finds the code spans of one paragraph: from a run of backticks to the next run of the same length. */
function codeSpans(text: string, start: number, end: number): Range[] {
  const runs = [...text.slice(start, end).matchAll(/`+/g)].map((match) => ({
    start: start + match.index,
    size: match[0].length,
  }));
  /** The runs of each length, in order, and the number already passed. */
  const bySize = new Map<number, { indices: number[]; passed: number }>();
  for (const [index, { size }] of runs.entries()) {
    const same = bySize.get(size) ?? { indices: [], passed: 0 };
    same.indices.push(index);
    bySize.set(size, same);
  }
  const nextOf = (size: number, after: number): number | undefined => {
    const same = bySize.get(size);
    if (same === undefined) return undefined;
    while ((same.indices[same.passed] ?? Infinity) <= after) same.passed += 1;
    return same.indices[same.passed];
  };
  const spans: Range[] = [];
  let index = 0;
  for (let run = runs[0]; run !== undefined; run = runs[(index += 1)]) {
    // A backslash escapes one backtick, but only outside code.
    const escaped = isEscaped(text, run.start) ? 1 : 0;
    const last = nextOf(run.size - escaped, index);
    const closing = runs[last ?? -1];
    if (closing === undefined || last === undefined) continue;
    spans.push({ start: run.start + escaped, end: closing.start + closing.size });
    index = last;
  }
  return spans;
}

/** Whether an odd number of backslashes precedes a position. */
export function isEscaped(text: string, place: number): boolean {
  let before = place;
  while (before > 0 && text[before - 1] === "\\") before -= 1;
  return (place - before) % 2 === 1;
}
