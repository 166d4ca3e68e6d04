import { describe, expect, test } from "vitest";
import { reviveDates } from "../../server/kernel/json.ts";

describe("what was parsed from JSON", () => {
  const at = "2026-11-21T10:00:00.000Z";

  test("has its times again, however deep they stand", () => {
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

  test("keeps texts that only look like times, and names that only look like those of times", () => {
    const value = { body: at, what: at, atlas: at, "At home": at, list: [at] };
    expect(reviveDates(structuredClone(value))).toEqual(value);
  });

  test("is what it was where there is nothing to look into", () => {
    for (const value of [null, 1, "at", true]) expect(reviveDates(value)).toBe(value);
  });

  test("cannot reach what other objects are made of", () => {
    const text = `{"__proto__":{"stolenAt":"${at}"}}`;
    reviveDates(JSON.parse(text));
    expect("stolenAt" in {}).toBe(false);
  });
});
