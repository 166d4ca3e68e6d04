import { describe, expect, test } from "vitest";
import { decodeCursor, encodeCursor } from "../../server/kernel/cursor.ts";

const POSITIONS = [0, 1, 35, 36, 1_000_000, 2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];

describe("a cursor", () => {
  test.for(POSITIONS)("decodes position %d again", (position) => {
    expect(decodeCursor(encodeCursor(position))).toBe(position);
  });

  test("differs for different positions and is safe in a URL", () => {
    const cursors = POSITIONS.map(encodeCursor);
    expect(new Set(cursors).size).toBe(POSITIONS.length);
    for (const cursor of cursors) expect(cursor).toMatch(/^[\w-]+$/);
  });

  test.for<[string, string]>([
    ["an empty text", ""],
    ["a bare number", "42"],
    ["base64 of something else", Buffer.from("hello").toString("base64url")],
    ["another version", Buffer.from("p2:1").toString("base64url")],
    ["no position", Buffer.from("p1:").toString("base64url")],
    ["a negative position", Buffer.from("p1:-1").toString("base64url")],
    ["a fraction", Buffer.from("p1:1.5").toString("base64url")],
    ["a position with blanks", Buffer.from("p1: 1").toString("base64url")],
    ["a position beyond the safe integers", Buffer.from("p1:2gosa7pa2gw").toString("base64url")],
    ["far too many digits", Buffer.from(`p1:${"z".repeat(12)}`).toString("base64url")],
    ["a connection's cursor", Buffer.from("[1]").toString("base64url")],
    ["a global id", Buffer.from("Message:1").toString("base64")],
  ])("is not %s", ([, text]) => {
    expect(decodeCursor(text)).toBeNull();
  });
});
