import { describe, expect, test } from "vitest";
import { eventually } from "./eventually.ts";

describe("eventually", () => {
  test("returns the result of the first successful attempt", async () => {
    let tries = 0;
    const value = await eventually(() => {
      tries += 1;
      if (tries < 3) throw new Error("not yet");
      return tries === 3 ? false : "there";
    });
    expect([value, tries]).toEqual(["there", 4]);
  });

  test("throws the last error after the timeout", async () => {
    let tries = 0;
    const failing = eventually(() => expect((tries += 1)).toBe(0), { timeoutMs: 100 });
    await expect(failing).rejects.toThrow("to be +0");
    expect(tries).toBeGreaterThan(1);
  });
});
