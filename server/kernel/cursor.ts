/**
 * A position in the log: a non-negative safe integer. A reader at this position has seen all events up to
 * and including it.
 */
export type Position = number;

const PREFIX = "p1:";

/** Encodes a log position as an opaque cursor. */
export function encodeCursor(position: Position): string {
  return Buffer.from(PREFIX + position.toString(36)).toString("base64url");
}

/** Decodes a cursor. Returns null if the text is not a valid cursor. */
export function decodeCursor(cursor: string): Position | null {
  const text = Buffer.from(cursor, "base64url").toString("latin1");
  if (!text.startsWith(PREFIX) || !/^[0-9a-z]{1,11}$/.test(text.slice(PREFIX.length))) return null;
  const position = Number.parseInt(text.slice(PREFIX.length), 36);
  return Number.isSafeInteger(position) ? position : null;
}
