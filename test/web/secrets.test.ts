import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { visit, type DocumentNode } from "graphql";
import { expect, test } from "vitest";
import * as generated from "../../web/src/generated/graphql.ts";

const SOURCES = join(import.meta.dirname, "../../web/src");

const documents = Object.entries(generated as Record<string, unknown>).filter(
  (entry): entry is [string, DocumentNode] => entry[0].endsWith("Document"),
);

/** The web app's own sources, by their paths. */
const sources = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith("generated"))
  .map((file) => [file, readFileSync(join(SOURCES, file), "utf8")] as const);

test("the web app never asks for the session's token: scripts in its page cannot get it", () => {
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
    "makes markup or code of texts",
    /\.(?:inner|outer)HTML\b|insertAdjacentHTML|\beval\(|new Function\b/,
  ],
  [
    "listens to messages of other windows, or opens them",
    /postMessage|addEventListener\("message"|window\.open\(/,
  ],
  ["reads or writes cookies", /document\.cookie/],
  ["keeps a password from being pasted", /onPaste|oncopy=/],
] as const)("nothing in the web app %s", ([, pattern]) => {
  const found = sources.filter(([, text]) => pattern.test(text)).map(([file]) => file);
  expect(sources.length).toBeGreaterThan(50);
  expect(found).toEqual([]);
});

test("a password is typed hidden, and password managers know which one it is", () => {
  const [, form = ""] = sources.find(([file]) => file.endsWith("AuthForm.tsx")) ?? [];
  const field = /<Field\s+label="Password"[^]*?\/>/.exec(form)?.[0];
  expect(field).toContain('type="password"');
  expect(field).toContain('"new-password" : "current-password"');
});
