import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const run = promisify(execFile);

/** A stranger's project with the built package in its node_modules, and nothing else of ours. */
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "parley-sdk-"));
  const installed = join(project, "node_modules/@parley/sdk");
  await mkdir(installed, { recursive: true });
  await cp(join(root, "sdk/package.json"), join(installed, "package.json"));
  await run(process.execPath, [tsc, "-p", join(root, "sdk"), "--outDir", join(installed, "dist")]);
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }));
});

afterAll(() => rm(project, { recursive: true, force: true }));

/** What the compiler says of the stranger's project; nothing when all is well. */
async function complaints(): Promise<string> {
  try {
    return (await run(process.execPath, [tsc, "-p", project])).stdout;
  } catch (error) {
    return String((error as { stdout: unknown }).stdout);
  }
}

test("the built package type-checks in a strict project for Node and browsers", async () => {
  await writeFile(
    join(project, "consumer.ts"),
    `
import { createParley, InvalidInputError, OverloadedError, type Message } from "@parley/sdk";
import { makeTimeline } from "@parley/sdk/state";

const parley = createParley({ url: "http://127.0.0.1:9/graphql" });
const timeline = makeTimeline<Message>({ isOwn: (message) => message.author.username === "me" });

export async function follow(): Promise<string> {
  for await (const event of parley.events({ types: ["MESSAGE_SENT"] })) {
    if (event.__typename === "MessageSent") timeline.add(event.message);
    if (event.__typename === "EventGap") return event.reason;
    // @ts-expect-error Ready only moves the cursor, so nobody has to handle it.
    if (event.__typename === "Ready") return "";
  }
  return "";
}

export function wait(error: unknown): number | string {
  if (error instanceof OverloadedError) return error.retryAfterMs;
  if (error instanceof InvalidInputError) return error.fields.map((field) => field.message).join();
  return "";
}
`,
  );
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: "es2023",
    lib: ["es2023", "dom"],
    types: [],
    module: "nodenext",
  };
  const config = { compilerOptions, files: ["consumer.ts"] };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify(config));
  expect(await complaints()).toBe("");
});

test("the built package runs with nothing else installed", async () => {
  await writeFile(
    join(project, "consumer.mjs"),
    `
import { createParley, NetworkError } from "@parley/sdk";
import { makeOutbox } from "@parley/sdk/state";

const parley = createParley({ url: "http://127.0.0.1:1/graphql" });
const failure = await parley.rooms().catch((error) => error);
console.log(failure instanceof NetworkError, failure.code, typeof makeOutbox);
`,
  );
  const { stdout } = await run(process.execPath, ["consumer.mjs"], { cwd: project });
  expect(stdout.trim()).toBe("true NETWORK function");
});
