import { describe, expect, test } from "vitest";
import { isUuid, newId, NIL_UUID } from "../../server/kernel/ids.ts";

describe("a new id", () => {
  test("is a UUID of version 7 and of the RFC's variant", () => {
    for (let i = 0; i < 200; i += 1) {
      expect(newId()).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }
  });

  test("contains its milliseconds, so that ids sort by creation time", () => {
    const now = 1_795_245_000_123;
    const id = newId(now);
    expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(now);
    expect(newId(now + 1) > id).toBe(true);
    expect(newId(now - 1) < id).toBe(true);
  });

  test("is unique, even within one millisecond", () => {
    const ids = Array.from({ length: 10_000 }, () => newId(1));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("is a UUID, like the nil UUID and those of other versions", () => {
    expect(isUuid(newId())).toBe(true);
    expect(isUuid(NIL_UUID)).toBe(true);
    expect(isUuid("F47AC10B-58CC-4372-A567-0E02B2C3D479")).toBe(true);
  });

  test.for([
    "",
    "f47ac10b58cc4372a5670e02b2c3d479",
    "{f47ac10b-58cc-4372-a567-0e02b2c3d479}",
    "f47ac10b-58cc-4372-a567-0e02b2c3d47",
    "f47ac10b-58cc-4372-a567-0e02b2c3d479 ",
    "f47ac10b-58cc-4372-a567-0e02b2c3d47g",
    "f47ac10b-58cc-4372-a567-0e02b2c3d479\n",
  ])("%j is not a UUID", (text) => {
    expect(isUuid(text)).toBe(false);
  });
});
