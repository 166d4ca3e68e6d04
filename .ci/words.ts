// Counts words that mark stilted prose in comments, schema descriptions, docs, test titles, messages
// and the web app's copy. Fails when an area has more than LIMIT of them in 10,000 words.
// `npm run check:words -- --list [folder]` prints each occurrence.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import ts from "typescript";

/** Maximum number of occurrences in 10,000 words of prose. */
const LIMIT = 25;
const AREAS = ["server", "sdk", "web", "test", "docs"] as const;
type Area = (typeof AREAS)[number];

const MARKERS = [
  "whoever",
  "whatever",
  "what is",
  "who is",
  "somebody",
  "nobody",
  "those who",
  "is told",
  "tells",
  "at once",
  "by itself",
  "of its own",
  "so far",
  "goes on",
  "comes",
  "stands",
];
const MARKER = new RegExp(`\\b(?:${MARKERS.join("|").replaceAll(" ", "\\s+")})\\b`, "gi");
const WORD = /[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu;

/** A piece of prose and its position. */
interface Prose {
  file: string;
  line: number;
  text: string;
}

/** Returns the area of a file; undefined for generated code and everything outside the areas. */
function areaOf(file: string): Area | undefined {
  if (file.includes("/generated/") || /(^|\/)CHANGELOG[.]md$/.test(file)) return undefined;
  if (file.endsWith(".md")) return file.startsWith("sdk/") ? "sdk" : "docs";
  return AREAS.find((area) => file.startsWith(`${area}/`));
}

/** Returns the prose of a Markdown file without code, line by line. */
function markdownProse(file: string, source: string): Prose[] {
  let isFenced = false;
  return source.split("\n").flatMap((text, index) => {
    if (/^\s*(```|~~~)/.test(text)) {
      isFenced = !isFenced;
      return [];
    }
    return isFenced ? [] : [{ file, line: index + 1, text: text.replaceAll(/`[^`]*`/g, " ") }];
  });
}

/** Whether a string is a sentence or a phrase: three words or more, and neither code nor a query. */
function isSentence(text: string): boolean {
  if (/[{}<>;=]|\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|WHERE)\b/.test(text)) return false;
  return (text.match(WORD)?.length ?? 0) >= 3;
}

const TITLED = /^(?:describe|it|test)(?:[.]\w+)*$/;

/** Whether a string is the title of a test or of a group of tests. */
function isTitle(node: ts.Node): boolean {
  const call = node.parent;
  if (!ts.isCallExpression(call) || call.arguments[0] !== node) return false;
  const callee = ts.isCallExpression(call.expression)
    ? call.expression.expression
    : call.expression;
  return TITLED.test(callee.getText());
}

/** Returns the comments, and the strings that users or developers read. */
function codeProse(file: string, source: string): Prose[] {
  const found: Prose[] = [];
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const isTest = file.startsWith("test/");
  const add = (position: number, text: string): void => {
    found.push({ file, line: tree.getLineAndCharacterOfPosition(position).line + 1, text });
  };
  const seen = new Set<number>();
  const addComments = (position: number): void => {
    const ranges = [
      ...(ts.getLeadingCommentRanges(source, position) ?? []),
      ...(ts.getTrailingCommentRanges(source, position) ?? []),
    ];
    for (const { pos, end } of ranges) {
      if (seen.has(pos)) continue;
      seen.add(pos);
      add(pos, source.slice(pos, end).replaceAll(/`[^`]*`|^\s*\/?[/*]+|[*]\/$/gm, " "));
    }
  };
  const visit = (node: ts.Node): void => {
    addComments(node.getFullStart());
    addComments(node.end);
    const isText =
      ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node);
    if (ts.isJsxText(node)) add(node.pos, node.text);
    else if (
      (isText || ts.isTemplateTail(node)) &&
      (isTest ? isTitle(node) : isSentence(node.text))
    )
      add(node.getStart(), node.text);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  addComments(tree.endOfFileToken.getFullStart());
  return found;
}

const listed = process.argv.includes("--list");
const folder = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";
const counts = new Map(AREAS.map((area) => [area, { words: 0, markers: 0 }]));

for (const file of execFileSync("git", ["ls-files"], { encoding: "utf8" }).trim().split("\n")) {
  const area = areaOf(file);
  const count = area && counts.get(area);
  const isMarkdown = file.endsWith(".md");
  if (count === undefined || !(isMarkdown || /[.](?:[cm]?[jt]s|tsx)$/.test(file))) continue;
  const source = readFileSync(file, "utf8");
  for (const { line, text } of isMarkdown ? markdownProse(file, source) : codeProse(file, source)) {
    const markers = text.match(MARKER) ?? [];
    count.words += text.match(WORD)?.length ?? 0;
    count.markers += markers.length;
    if (!listed || !file.startsWith(folder)) continue;
    for (const marker of markers) console.log(`${file}:${String(line)}: ${marker.toLowerCase()}`);
  }
}

for (const [area, { words, markers }] of counts) {
  const rate = (markers / words) * 10_000;
  const isOver = rate > LIMIT;
  console.log(
    `${isOver ? "✖" : "✔"} ${area}: ${rate.toFixed(1)} marker words in 10,000 (${String(markers)} of ${String(words)}; limit ${String(LIMIT)})`,
  );
  if (isOver) process.exitCode = 1;
}
if (process.exitCode === 1)
  console.log(
    "Rewrite these sentences as docs/CONTRIBUTING.md describes. `--list` prints each place.",
  );
