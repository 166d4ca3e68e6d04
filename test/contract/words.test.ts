import { execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";

const run = promisify(execFile);
const TSX = join(import.meta.dirname, "../../node_modules/tsx/dist/cli.mjs");
const WORDS = join(import.meta.dirname, "../../.ci/words.ts");
const PLAIN = "// The server stores the message before it acknowledges it.\n";

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

/** Runs the check on a repository with the given files; resolves with its exit code and output. */
async function check(files: Record<string, string>): Promise<{ code: number; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), "parley-words-"));
  folders.push(folder);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  execFileSync("git", ["init", "--quiet"], { cwd: folder });
  execFileSync("git", ["add", "."], { cwd: folder });
  try {
    const { stdout } = await run(process.execPath, [TSX, WORDS, "--list"], { cwd: folder });
    return { code: 0, output: stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, output: stdout };
  }
}

const plainTree = Object.fromEntries(
  ["server/a.ts", "sdk/a.ts", "web/a.tsx", "test/a.ts"].map((file) => [file, PLAIN]),
);

test("plain prose passes the check of words", async () => {
  const { code, output } = await check({ ...plainTree, "README.md": "The server sends events." });
  expect(output).toContain("✔ docs: 0.0 marker words");
  expect(code).toBe(0);
});

test("the check of words fails on stilted words in every kind of prose and lists them", async () => {
  const { code, output } = await check({
    ...plainTree,
    "README.md": PLAIN,
    "server/comment.ts": "// Whoever sends is told at once.\n",
    "sdk/message.ts": `const text = "Nobody comes so far";\n`,
    "test/title.test.ts": `it("goes on by itself", f);\n`,
    "web/copy.tsx": "const a = <p>Somebody tells you</p>;\n",
    "docs/A.md": "The rule stands, whatever comes.\n",
  });
  for (const place of [
    "server/comment.ts:1: whoever",
    "sdk/message.ts:1: nobody",
    "test/title.test.ts:1: goes on",
    "web/copy.tsx:1: somebody",
    "docs/A.md:1: stands",
  ])
    expect(output).toContain(place);
  for (const area of ["server", "sdk", "web", "test", "docs"])
    expect(output).toContain(`✖ ${area}: `);
  expect(code).toBe(1);
});

test("the check of words ignores code, also in a document", async () => {
  const { code } = await check({
    ...plainTree,
    "README.md": "```ts\nconst whatever = nobody;\n```\nThe server sends events.\n",
    "server/b.ts": "const whatever = somebody;\n",
  });
  expect(code).toBe(0);
});
