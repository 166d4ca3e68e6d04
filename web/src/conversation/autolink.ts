/** A piece of a message: plain text, or an address that may be followed. */
export type Piece = { is: "text"; text: string } | { is: "link"; text: string; href: string };

const CANDIDATE = /https?:\/\/[^\s<>"“”«»]+/giu;
const BRACKETS = [
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
] as const;
const TRAILING = /[.,;:!?'"*_~…’]+$/u;

/**
 * Finds the web addresses in a message. Only http and https are linked, whatever else looks like an
 * address; punctuation that ends the sentence, not the address, stays text.
 *
 * @param body the text of a message
 * @returns the pieces in order; joined, their texts give the body again
 */
export function autolink(body: string): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of body.matchAll(CANDIDATE)) {
    const text = trimEnd(match[0]);
    const href = safeAddress(text);
    if (href === undefined) continue;
    if (match.index > done) pieces.push({ is: "text", text: body.slice(done, match.index) });
    pieces.push({ is: "link", text, href });
    done = match.index + text.length;
  }
  if (done < body.length) pieces.push({ is: "text", text: body.slice(done) });
  return pieces;
}

/** Cuts sentence punctuation, and a closing bracket that the address itself did not open. */
function trimEnd(candidate: string): string {
  let text = candidate;
  for (;;) {
    const cut = text.replace(TRAILING, "");
    const shorter = endsWithStrayBracket(cut) ? cut.slice(0, -1) : cut;
    if (shorter === text) return text;
    text = shorter;
  }
}

function endsWithStrayBracket(text: string): boolean {
  for (const [open, close] of BRACKETS) {
    if (!text.endsWith(close)) continue;
    return text.split(close).length > text.split(open).length;
  }
  return false;
}

function safeAddress(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const web = url.protocol === "http:" || url.protocol === "https:";
  return web && url.hostname !== "" ? url.href : undefined;
}
