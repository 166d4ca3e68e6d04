import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, isEnumType, isInterfaceType, type GraphQLSchema } from "graphql";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const schema: GraphQLSchema = buildSchema(readFileSync(join(root, "schema.graphql"), "utf8"));
const protocol = readFileSync(join(root, "docs/PROTOCOL.md"), "utf8");

/** Control events of every stream, which the document describes outside the tables. */
const FRAMES = ["Ready", "Heartbeat", "EventGap"];

/** Returns the names of the types that implement an interface, in alphabetical order. */
function membersOf(name: string): string[] {
  const type = schema.getType(name);
  if (!isInterfaceType(type)) throw new Error(`${name} is no interface`);
  return schema
    .getPossibleTypes(type)
    .map((member) => member.name)
    .sort();
}

/** Returns the first cells of all table rows under these headings of the first column. */
function firstCells(heading: string): string[] {
  const tables = protocol.matchAll(
    new RegExp(`^\\| ${heading} +\\|.*\\n\\|[ -|]*\\n((?:\\|.*\\n)+)`, "gm"),
  );
  return [...tables].flatMap(([, rows = ""]) =>
    rows.split("\n").flatMap((row) => /^\| (.*?) \|/.exec(row)?.[1] ?? []),
  );
}

const namesIn = (cells: readonly string[]): string[] =>
  cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name));

describe("docs/PROTOCOL.md", () => {
  test("documents once for each event type how a client applies it", () => {
    const types = membersOf("Event").filter((name) => !FRAMES.includes(name));
    expect(namesIn(firstCells("event")).sort()).toEqual(types);
    for (const frame of FRAMES) expect(protocol).toContain(`\`${frame}\``);
  });

  test("documents for each conversation signal how a client applies it", () => {
    expect(namesIn(firstCells("signal"))).toEqual(expect.arrayContaining(membersOf("Activity")));
  });

  test("documents each typed error once", () => {
    const rows = [...protocol.matchAll(/^\| `([A-Z_]+)` +\| `(\w+Error)` +\|/gm)];
    expect(rows.map(([, , type = ""]) => type).sort()).toEqual(membersOf("Error"));
    const server = join(root, "server");
    const source = readdirSync(server, { recursive: true, encoding: "utf8" })
      .filter((file) => /(^kernel\/|[.])errors[.]ts$/.test(file))
      .map((file) => readFileSync(join(server, file), "utf8"))
      .join("\n");
    const codes = new Map(
      [...source.matchAll(/class (\w+) extends .*\n {2}readonly code = "(\w+)"/g)].map(
        ([, type = "", code = ""]) => [type, code],
      ),
    );
    for (const [, code, type = ""] of rows) expect([type, code]).toEqual([type, codes.get(type)]);
  });

  test("documents the reasons for a gap", () => {
    const reasons = schema.getType("GapReason");
    if (!isEnumType(reasons)) throw new Error("GapReason is no enum");
    const names = reasons.getValues().map(({ name }) => name);
    expect(namesIn(firstCells("reason")).sort()).toEqual(names.sort());
  });

  test("has no duplicate headings", () => {
    const headings = [...protocol.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
    expect(new Set(headings).size).toBe(headings.length);
  });
});
