import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startCluster } from "./cluster.ts";
import type { Lacks } from "./needs.ts";
import { findBrowser, findRedisServer } from "./programs.ts";
import { makeTemplate, type TestCluster } from "./template.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The repository's folder. */
    root: string;
    /** Path of the built server. */
    serverBundle: string;
    postgres: TestCluster;
    /** A folder of this run, removed afterwards. */
    scratch: string;
    lacks: Lacks;
  }
}

const ROOT = join(import.meta.dirname, "../..");
const BUNDLE = join(ROOT, "dist/server/main.js");

/**
 * Prepares all tests: a current build, one PostgreSQL with a migrated template, and the list of missing
 * programs.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const lacks = findLacks();
  const reasons = Object.values(lacks);
  if (process.env["CI"] === "true" && reasons.length > 0) {
    throw new Error(`CI=true allows no skipped tests, but ${reasons.join("; ")}`);
  }
  // `npm test` has already built, with visible output.
  if (process.env["PARLEY_TEST_BUILT"] === undefined) await build();
  const postgres = await startCluster();
  try {
    project.provide("postgres", await makeTemplate(postgres.url));
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  project.provide("scratch", postgres.folder);
  project.provide("root", ROOT);
  project.provide("serverBundle", BUNDLE);
  project.provide("lacks", lacks);
  return () => postgres.stop();
}

function findLacks(): Lacks {
  const lacks: Lacks = {};
  if (findRedisServer() === undefined) {
    lacks["redis-server"] = "redis-server is not on PATH";
    if (!process.env["REDIS_URL"]) lacks.redis = "no REDIS_URL and no redis-server on PATH";
  }
  if (findBrowser() === undefined) lacks.browser = "no Chromium on PATH, and no CHROME_PATH";
  return lacks;
}

/** Does the first steps of `npm start`: installs missing packages, generates, and builds outdated output. */
async function build(): Promise<void> {
  const child = spawn(process.execPath, ["server/start.mjs", "--build-only"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0 || !existsSync(BUNDLE)) {
    throw new Error(
      `the build failed (code ${code ?? "none"}):\n${Buffer.concat(output).toString()}`,
    );
  }
}
