import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { visit, type DocumentNode } from "graphql";
import { expect, test } from "vitest";
import * as generated from "../../web/src/generated/graphql.ts";

const SOURCES = join(import.meta.dirname, "../../web/src");

const documents = Object.entries(generated as Record<string, unknown>).filter(
  (entry): entry is [string, DocumentNode] => entry[0].endsWith("Document"),
);

/** The web app's source files by path. */
const sources = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith("generated"))
  .map((file) => [file, readFileSync(join(SOURCES, file), "utf8")] as const);

test("the web app never requests the session token, so scripts cannot read it", () => {
  expect(documents.map(([name]) => name)).toContain("LogInDocument");
  const asking = documents.filter(([, document]) => {
    let asks = false;
    visit(document, { Field: ({ name }) => void (asks ||= name.value === "token") });
    return asks;
  });
  expect(asking.map(([name]) => name)).toEqual([]);
});

test.for([
  [
    "turns text into markup or code",
    /\.(?:inner|outer)HTML\b|insertAdjacentHTML|\beval\(|new Function\b/,
  ],
  [
    "receives messages from other windows or opens one",
    /postMessage|addEventListener\("message"|window\.open\(/,
  ],
  ["reads or writes cookies", /document\.cookie/],
  ["blocks pasting a password", /onPaste|oncopy=/],
] as const)("no source of the web app %s", ([, pattern]) => {
  const found = sources.filter(([, text]) => pattern.test(text)).map(([file]) => file);
  expect(sources.length).toBeGreaterThan(50);
  expect(found).toEqual([]);
});

test("password fields hide their input and carry the right autocomplete hints", () => {
  const [, form = ""] = sources.find(([file]) => file.endsWith("AuthForm.tsx")) ?? [];
  const field = /<Field\s+label="Password"[^]*?\/>/.exec(form)?.[0];
  expect(field).toContain('type="password"');
  expect(field).toContain('"new-password" : "current-password"');
});
