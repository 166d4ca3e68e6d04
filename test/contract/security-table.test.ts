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

/**
 * The items of ASVS 5.0.0 by section: levels 1 and 2, and level 3. Chapters 9, 10 and 17 are left out.
 * https://github.com/OWASP/ASVS/tree/v5.0.0_release/5.0/en
 */
const ASVS: readonly (readonly [section: string, low: string, high: string])[] = [
  ["1.1", "1-2", ""],
  ["1.2", "1-9", "10"],
  ["1.3", "1-11", "12"],
  ["1.4", "1-3", ""],
  ["1.5", "1-2", "3"],
  ["2.1", "1-3", ""],
  ["2.2", "1-3", ""],
  ["2.3", "1-4", "5"],
  ["2.4", "1", "2"],
  ["3.1", "", "1"],
  ["3.2", "1-2", "3"],
  ["3.3", "1-4", "5"],
  ["3.4", "1-6", "7-8"],
  ["3.5", "1-5", "6-8"],
  ["3.6", "", "1"],
  ["3.7", "1-2", "3-5"],
  ["4.1", "1-3", "4-5"],
  ["4.2", "1", "2-5"],
  ["4.3", "1-2", ""],
  ["4.4", "1-4", ""],
  ["5.1", "1", ""],
  ["5.2", "1-3", "4-6"],
  ["5.3", "1-2", "3"],
  ["5.4", "1-3", ""],
  ["6.1", "1-3", ""],
  ["6.2", "1-12", ""],
  ["6.3", "1-4", "5-8"],
  ["6.4", "1-4", "5-6"],
  ["6.5", "1-5", "6-8"],
  ["6.6", "1-3", "4"],
  ["6.7", "", "1-2"],
  ["6.8", "1-4", ""],
  ["7.1", "1-3", ""],
  ["7.2", "1-4", ""],
  ["7.3", "1-2", ""],
  ["7.4", "1-5", ""],
  ["7.5", "1-2", "3"],
  ["7.6", "1-2", ""],
  ["8.1", "1-2", "3-4"],
  ["8.2", "1-3", "4"],
  ["8.3", "1", "2-3"],
  ["8.4", "1", "2"],
  ["11.1", "1-2", "3-4"],
  ["11.2", "1-3", "4-5"],
  ["11.3", "1-3", "4-5"],
  ["11.4", "1-4", ""],
  ["11.5", "1", "2"],
  ["11.6", "1", "2"],
  ["11.7", "", "1-2"],
  ["12.1", "1-3", "4-5"],
  ["12.2", "1-2", ""],
  ["12.3", "1-4", "5"],
  ["13.1", "1", "2-4"],
  ["13.2", "1-5", "6"],
  ["13.3", "1-2", "3-4"],
  ["13.4", "1-5", "6-7"],
  ["14.1", "1-2", ""],
  ["14.2", "1-4", "5-8"],
  ["14.3", "1-3", ""],
  ["15.1", "1-3", "4-5"],
  ["15.2", "1-3", "4-5"],
  ["15.3", "1-7", ""],
  ["15.4", "", "1-4"],
  ["16.1", "1", ""],
  ["16.2", "1-5", ""],
  ["16.3", "1-4", ""],
  ["16.4", "1-3", ""],
  ["16.5", "1-3", "4"],
];

/** Expands a list such as `1-3,5` of a section. */
const numbersIn = (section: string, list: string): string[] =>
  list.split(",").flatMap((part) => {
    const [from = 0, to = from] = part.split("-").map(Number);
    const count = part === "" ? 0 : to - from + 1;
    return Array.from({ length: count }, (_, index) => `${section}.${String(from + index)}`);
  });

/** The items named in the tables and in the lists after them. */
const below = text.slice(text.indexOf("## Defences")).replace(/https?:\S+/g, "");
const SPAN = /(\d+\.\d+)\.(\d+)(?:\s+to\s+(\d+\.\d+)\.(\d+))?/g;
const named = [...below.matchAll(SPAN)].flatMap((match) => {
  const [span, section = "", from = "", other, to] = match;
  if (other !== undefined && other !== section) throw new Error(`not within one section: ${span}`);
  return numbersIn(section, `${from}-${to ?? from}`);
});

describe("the tables of defences", () => {
  test("name each ASVS item of levels 1 and 2, and no unknown item", () => {
    const low = ASVS.flatMap(([section, list]) => numbersIn(section, list));
    const high = ASVS.flatMap(([section, , list]) => numbersIn(section, list));
    expect(low).toHaveLength(210);
    expect(low.filter((item) => !named.includes(item))).toEqual([]);
    expect(named.filter((item) => !low.includes(item) && !high.includes(item))).toEqual([]);
  });

  test("have a row for each applicable chapter", () => {
    expect(rows.length).toBeGreaterThan(60);
    const chapters = new Set(rows.flatMap(([item = ""]) => item.match(/\b\d+(?=\.\d)/g) ?? []));
    for (const chapter of [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16])
      expect([...chapters], `chapter ${String(chapter)}`).toContain(String(chapter));
  });

  test.for(rows.map((row): [string, string[]] => [row[0] ?? "", row]))(
    "refer to existing tests: %s",
    ([, row]) => {
      const named = row.at(-1)?.match(TESTS) ?? [];
      expect(named.length).toBeGreaterThan(0);
      // The column contains only names of tests, so none is overlooked.
      expect(row.at(-1)?.replace(TESTS, "").replace(/[,\s]/g, "")).toBe("");
      for (const file of named) expect(existsSync(join(inject("root"), file)), file).toBe(true);
    },
  );
});
