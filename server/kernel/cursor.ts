/** A place in the log: everything at or before it has been seen. A non-negative safe integer. */
export type Position = number;

const PREFIX = "p1:";

/** The opaque form in which a log position leaves the server. */
export function encodeCursor(position: Position): string {
  return Buffer.from(PREFIX + position.toString(36)).toString("base64url");
}

/** The position inside a cursor, or null when the text is not one of our cursors. */
export function decodeCursor(cursor: string): Position | null {
  const text = Buffer.from(cursor, "base64url").toString("latin1");
  if (!text.startsWith(PREFIX) || !/^[0-9a-z]{1,11}$/.test(text.slice(PREFIX.length))) return null;
  const position = Number.parseInt(text.slice(PREFIX.length), 36);
  return Number.isSafeInteger(position) ? position : null;
}
