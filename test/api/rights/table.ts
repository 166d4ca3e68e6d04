import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A row of a table: its key columns, and the cells under the other headings. */
export interface Row {
  /** The heading above the table. */
  section: string;
  /** The key cells. */
  keys: string[];
  cells: Map<string, string>;
}

/**
 * Reads the rows of all tables of a Markdown file in this folder.
 *
 * @param keys number of key columns
 * @throws if a row has more or fewer cells than its heading, or occurs twice
 */
export async function readTables(file: string, keys: number): Promise<Row[]> {
  const text = await readFile(join(import.meta.dirname, file), "utf8");
  const rows: Row[] = [];
  const seen = new Set<string>();
  let section = "";
  let heading: string[] | null = null;
  for (const line of text.split("\n")) {
    if (line.startsWith("## ")) section = line.slice(3).trim();
    if (!line.startsWith("|")) {
      heading = null;
      continue;
    }
    const cells = line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.replaceAll("`", "").trim());
    if (heading === null) {
      heading = cells;
      continue;
    }
    if (cells.every((cell) => /^:?-+:?$/.test(cell))) continue;
    const name = [section, ...cells.slice(0, keys)].join(" | ");
    if (cells.length !== heading.length) throw new Error(`${file}: ${name} has another length`);
    if (seen.has(name)) throw new Error(`${file}: ${name} stands there twice`);
    seen.add(name);
    const columns = heading
      .slice(keys)
      .map((column, i) => [column, cells[keys + i] ?? ""] as const);
    rows.push({ section, keys: cells.slice(0, keys), cells: new Map(columns) });
  }
  return rows;
}

/** Returns the differing cells, one per line; empty if all match. */
export function differences(row: Row, found: ReadonlyMap<string, string>): string[] {
  return [...row.cells].flatMap(([column, expected]) => {
    const actual = found.get(column) ?? "nothing";
    return actual === expected
      ? []
      : [`${row.keys.join(" | ")} | ${column}: "${actual}", where the table says "${expected}"`];
  });
}
