// Compares committed generated files with a fresh generation. Prints each difference and the command that
// repairs it; exits with code 1 then.
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { generate } from "@graphql-codegen/cli";
import { printSchema } from "graphql";
import codegen from "../codegen.ts";
import { envExample } from "../server/config.ts";
import { schema } from "../server/schema.ts";

interface Finding {
  problem: string;
  repair: string;
}

interface GeneratedFile {
  path: string;
  text: string;
  repair: string;
}

const PRINTED: GeneratedFile[] = [
  { path: "schema.graphql", text: `${printSchema(schema)}\n`, repair: "npm run codegen" },
  { path: ".env.example", text: envExample(), repair: "npm run env:example" },
];

/** Generates the SDK's code in memory. */
async function sdkFiles(): Promise<GeneratedFile[]> {
  const outputs = Object.entries(codegen.generates).filter(([path]) => path.startsWith("sdk/"));
  const files = (await generate(
    { ...codegen, generates: Object.fromEntries(outputs), silent: true },
    false,
  )) as { filename: string; content: string }[];
  return files.map(({ filename, content }) => ({
    path: relative(process.cwd(), filename),
    text: content,
    repair: "npm run codegen",
  }));
}

async function sdkDrift(): Promise<Finding[]> {
  try {
    return await fileDrift(await sdkFiles());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [
      {
        problem: `The SDK cannot be generated: ${reason}`,
        repair: "edit sdk/src/operations to match schema.graphql, then npm run codegen",
      },
    ];
  }
}

async function fileDrift(files: GeneratedFile[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { path, text, repair } of files) {
    const committed = await readFile(path, "utf8").catch(() => undefined);
    if (committed === text) continue;
    findings.push({
      problem:
        committed === undefined ? `${path} is missing` : `${path} ${difference(committed, text)}`,
      repair,
    });
  }
  return findings;
}

function difference(committed: string, fresh: string): string {
  const [old, now] = [committed.split("\n"), fresh.split("\n")];
  const line = now.findIndex((text, index) => text !== old[index]);
  const at = line === -1 ? now.length : line;
  return `differs from the sources, first in line ${at + 1}:
    - ${old[at] ?? "(end of file)"}
    + ${now[at] ?? "(end of file)"}`;
}

/** Checks that the migrations lead to the models and SQL functions, through the script that writes migrations. */
function migrationDrift(): Finding[] {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "prisma/new-migration.ts", "--check"],
    { encoding: "utf8" },
  );
  if (status === 0) return [];
  return [
    {
      problem:
        `prisma/migrations differs from prisma/schema.prisma or prisma/functions:\n${stdout}${stderr}`.trimEnd(),
      repair:
        "npm run db:migration NAME, or npm run db:functions if a migration is newer than its function",
    },
  ];
}

const findings = [...(await fileDrift(PRINTED)), ...(await sdkDrift()), ...migrationDrift()];
for (const { problem, repair } of findings) {
  console.error(`✖ ${problem}\n  Repair it with: ${repair}\n`);
}
if (findings.length === 0) console.log("✔ All generated files match their sources.");
process.exitCode = findings.length === 0 ? 0 : 1;
