export type MessagePart =
  { kind: "text"; text: string } | { kind: "link"; text: string; href: string };

const CANDIDATE = /https?:\/\/[^\s<>"“”«»]+/giu;
const BRACKETS = [
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
] as const;
const TRAILING = /[.,;:!?'"*_~…’]+$/u;

/**
 * Splits a message into text and links. It links only http and https addresses, and leaves
 * punctuation at the end of a sentence as text.
 *
 * @param body the text of a message
 * @returns the parts in order; their texts joined equal the body
 */
export function autolink(body: string): MessagePart[] {
  const parts: MessagePart[] = [];
  let done = 0;
  for (const match of body.matchAll(CANDIDATE)) {
    const text = trimEnd(match[0]);
    const href = safeAddress(text);
    if (href === undefined) continue;
    if (match.index > done) parts.push({ kind: "text", text: body.slice(done, match.index) });
    parts.push({ kind: "link", text, href });
    done = match.index + text.length;
  }
  if (done < body.length) parts.push({ kind: "text", text: body.slice(done) });
  return parts;
}

/** Removes trailing punctuation, and a closing bracket without an opening one in the address. */
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
