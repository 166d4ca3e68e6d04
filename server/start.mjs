// `npm start`: from a fresh clone to a running server. This file uses only Node, because no package may
// be installed yet. Code that needs a recent Node is imported after the version check.
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const USAGE = `npm start                      installs, generates and builds as needed, then serves
npm start -- --instances N     runs several instances on consecutive ports, with one database and Redis
npm run build                  installs, generates and builds only
npm run codegen                generates all code, even if it is up to date
npm run dev                    serves with reload on every change`;

/**
 * @typedef {object} Request
 * @property {"serve" | "instances" | "build" | "codegen" | "dev" | "help"} command
 * @property {number} instances
 */

/**
 * @param {readonly string[]} words
 * @returns {Request}
 */
function parse(words) {
  const [option, value] = words[0]?.includes("=") ? words[0].split("=") : words;
  if (option === undefined) return { command: "serve", instances: 1 };
  if (option === "--build-only") return { command: "build", instances: 0 };
  if (option === "--codegen") return { command: "codegen", instances: 0 };
  if (option === "--dev") return { command: "dev", instances: 0 };
  const instances = Number(value);
  if (option === "--instances" && Number.isInteger(instances) && instances > 0 && instances < 65) {
    return { command: "instances", instances };
  }
  return { command: "help", instances: 0 };
}

/** @returns {boolean} whether this Node version is supported */
function isNodeRecent() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
}

/**
 * npm passes SIGTERM to the shell of the script. Many shells then end without signalling this process, so
 * the end of the shell counts as the signal.
 */
function endWithShellOfNpm() {
  if (process.env["npm_lifecycle_event"] === undefined || process.platform === "win32") return;
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, 50);
  timer.unref();
}

async function main() {
  endWithShellOfNpm();
  const request = parse(process.argv.slice(2));
  if (request.command === "help") {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  if (!isNodeRecent()) {
    console.error(
      `✖ Parley needs Node 20.19 or later (or 22.12 or later); this is ${process.versions.node}.\n` +
        "Install a current version from https://nodejs.org, then run this again.",
    );
    process.exitCode = 1;
    return;
  }
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  process.chdir(root);
  // Prisma finds its generators on PATH. npm adds them; a direct start with Node, as in the Dockerfile,
  // does not.
  const path = process.env["PATH"] ?? "";
  process.env["PATH"] = `${join(root, "node_modules", ".bin")}${delimiter}${path}`;
  const { existsSync } = await import("node:fs");
  if (existsSync(".env")) process.loadEnvFile(".env");

  const { installPackages } = await import("./launcher/install.mjs");
  const { buildStale, generateAll } = await import("./launcher/build.mjs");
  const { Failure } = await import("./launcher/terminal.mjs");
  try {
    await installPackages(process.env);
    if (request.command === "codegen") {
      await generateAll(process.env);
      return;
    }
    await buildStale(process.env, { web: request.command !== "dev" });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`✖ ${error.message}\n${error.output}\n  ${error.remedy}`);
    process.exitCode = 1;
    return;
  }
  if (request.command === "build") return;
  if (request.command === "dev") {
    const { develop } = await import("./launcher/develop.mjs");
    process.exitCode = await develop(process.env);
    return;
  }
  // Runs in this process, so that signals reach the server directly and its exit code is this one's.
  process.setSourceMapsEnabled(true);
  if (request.command === "serve") {
    await import(pathToFileURL(join(root, "dist/server/main.js")).href);
    return;
  }
  const { supervise } = await import(pathToFileURL(join(root, "dist/server/supervisor.js")).href);
  await supervise({
    instances: request.instances,
    environment: process.env,
    program: join(root, "dist/server/main.js"),
    leash: join(root, "dist/server/leash.js"),
  });
}

await main();
