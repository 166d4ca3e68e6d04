import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const text = readFileSync(join(root, "docs/SECURITY.md"), "utf8");
const TESTS = /test\/[\w/-]+\.test\.ts/g;

/** The rows of all tables whose last column is "shown by". */
const rows = text
  .split(/\n(?=#+ )/)
  .flatMap((section) => {
    const lines = section.split("\n").filter((line) => line.startsWith("|"));
    return /\| shown by +\|$/.test(lines[0] ?? "") ? lines.slice(2) : [];
  })
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe("the table of what is defended", () => {
  test("has a row for each chapter that applies", () => {
    expect(rows.length).toBeGreaterThan(60);
    const chapters = new Set(rows.flatMap(([item = ""]) => item.match(/\b\d+(?=\.\d)/g) ?? []));
    for (const chapter of [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16])
      expect([...chapters], `chapter ${String(chapter)}`).toContain(String(chapter));
  });

  test.for(rows.map((row): [string, string[]] => [row[0] ?? "", row]))(
    "%s is shown by tests that are there",
    ([, row]) => {
      const named = row.at(-1)?.match(TESTS) ?? [];
      expect(named.length).toBeGreaterThan(0);
      // Nothing else in the column, so that no name is overlooked.
      expect(row.at(-1)?.replace(TESTS, "").replace(/[,\s]/g, "")).toBe("");
      for (const file of named) expect(existsSync(join(inject("root"), file)), file).toBe(true);
    },
  );
});
