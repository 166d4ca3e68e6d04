import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const VITEST = join(
  dirname(createRequire(import.meta.url).resolve("vitest/package.json")),
  "vitest.mjs",
);
const REPORTER = join(import.meta.dirname, "../kit/reporter.ts");

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-reporter-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs test files with the reporter after vitest's own. Returns its output without colour. */
async function runTests(files: Record<string, string>): Promise<string[]> {
  const root = await mkdtemp(join(folder, "run-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
  const args = [VITEST, "run", "--globals", "--root", root];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...args, "--reporter", "default", "--reporter", REPORTER],
      { env: { PATH: process.env["PATH"], NO_COLOR: "1" } },
      (_error, stdout) => resolve(stdout.trim().split("\n")),
    );
  });
}

test("the last line has the totals, after vitest's summary and the reasons for skips", async () => {
  const lines = await runTests({
    "a.test.js": `
      test("passes", () => {});
      test("fails", () => { throw new Error("on purpose"); });
      describe.skip("with Redis [skipped: there is none]", () => { test("waits", () => {}); });
      test("gives up", ({ skip }) => { skip("no browser"); });
    `,
  });
  expect(lines.at(-1)).toBe("1 passed, 1 failed, 2 skipped");
  expect(lines).toContain("Skipped: a.test.js > with Redis [skipped: there is none] > waits");
  expect(lines).toContain("Skipped: a.test.js > gives up [skipped: no browser]");
  expect(
    lines.findIndex((line) => /Tests +1 failed \| 1 passed \| 2 skipped/.test(line)),
  ).toBeGreaterThan(-1);
});

test.for([
  ["a file that cannot be loaded", `throw new Error("on purpose");`],
  [
    "a suite that cannot be set up",
    `beforeAll(() => { throw new Error("on purpose"); }); test("never runs", () => {});`,
  ],
  [
    "an unhandled rejection",
    `test("passes", async () => { Promise.reject(new Error("on purpose")); await new Promise(setImmediate); });`,
  ],
])("%s counts as a failure", async ([, text]) => {
  const lines = await runTests({ "a.test.js": text ?? "" });
  expect(lines.at(-1)).toMatch(/^[01] passed, 1 failed, [01] skipped$/);
});
