import { describe, expect, test } from "vitest";
import { reviveDates } from "../../server/kernel/json.ts";

describe("a value parsed from JSON", () => {
  const at = "2026-11-21T10:00:00.000Z";

  test("has its times restored at any depth", () => {
    const text = JSON.stringify([
      { at, createdAt: at, mutedUntil: at, editedAt: null, nested: { list: [{ readAt: at }, 1] } },
    ]);
    const time = new Date(at);
    expect(reviveDates(JSON.parse(text))).toEqual([
      {
        at: time,
        createdAt: time,
        mutedUntil: time,
        editedAt: null,
        nested: { list: [{ readAt: time }, 1] },
      },
    ]);
  });

  test("keeps texts that only look like times, and names that only resemble those of times", () => {
    const value = { body: at, what: at, atlas: at, "At home": at, list: [at] };
    expect(reviveDates(structuredClone(value))).toEqual(value);
  });

  test("stays the same if it has no fields", () => {
    for (const value of [null, 1, "at", true]) expect(reviveDates(value)).toBe(value);
  });

  test("cannot reach the prototypes of other objects", () => {
    const text = `{"__proto__":{"stolenAt":"${at}"}}`;
    reviveDates(JSON.parse(text));
    expect("stolenAt" in {}).toBe(false);
  });
});
