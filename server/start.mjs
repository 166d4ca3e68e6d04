// `npm start`: from a fresh clone to a running server. It may use nothing but Node, because nothing
// else may be installed yet; what needs a recent Node is imported after Node has been checked.
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const USAGE = `npm start                      install, generate and build what is stale, then serve
npm start -- --instances N     several instances on ports in a row, with one database and Redis
npm run build                  only install, generate and build
npm run codegen                generate all code, stale or not
npm run dev                    serve with reload on every change`;

/**
 * @typedef {object} Request
 * @property {"serve" | "instances" | "build" | "codegen" | "dev" | "help"} what
 * @property {number} instances
 */

/**
 * @param {readonly string[]} words
 * @returns {Request}
 */
function parse(words) {
  const [option, value] = words[0]?.includes("=") ? words[0].split("=") : words;
  if (option === undefined) return { what: "serve", instances: 1 };
  if (option === "--build-only") return { what: "build", instances: 0 };
  if (option === "--codegen") return { what: "codegen", instances: 0 };
  if (option === "--dev") return { what: "dev", instances: 0 };
  const instances = Number(value);
  if (option === "--instances" && Number.isInteger(instances) && instances > 0 && instances < 65) {
    return { what: "instances", instances };
  }
  return { what: "help", instances: 0 };
}

/** @returns {boolean} whether this Node runs everything that Parley is made of */
function isNodeRecent() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
}

/**
 * npm passes SIGTERM on to the shell that it runs scripts in; many a shell then ends without a word
 * to this process. Its end is the signal.
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
  if (request.what === "help") {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  if (!isNodeRecent()) {
    console.error(
      `✖ Parley needs Node 20.19 or later (of 22: 22.12), and this is ${process.versions.node}.\n` +
        "  Get a current one from https://nodejs.org, then run this again.",
    );
    process.exitCode = 1;
    return;
  }
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  process.chdir(root);
  // Prisma runs its generators by name. npm makes the names known; whoever calls Node directly, as
  // the Dockerfile does, has not.
  const path = process.env["PATH"] ?? "";
  process.env["PATH"] = `${join(root, "node_modules", ".bin")}${delimiter}${path}`;
  const { existsSync } = await import("node:fs");
  if (existsSync(".env")) process.loadEnvFile(".env");

  const { installPackages } = await import("./launcher/install.mjs");
  const { buildStale, generateAll } = await import("./launcher/build.mjs");
  const { Failure } = await import("./launcher/terminal.mjs");
  try {
    await installPackages(process.env);
    if (request.what === "codegen") {
      await generateAll(process.env);
      return;
    }
    await buildStale(process.env, { web: request.what !== "dev" });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`✖ ${error.message}\n${error.output}\n  ${error.remedy}`);
    process.exitCode = 1;
    return;
  }
  if (request.what === "build") return;
  if (request.what === "dev") {
    const { develop } = await import("./launcher/develop.mjs");
    process.exitCode = await develop(process.env);
    return;
  }
  // In this very process: a signal reaches the server itself, and its exit code is ours.
  process.setSourceMapsEnabled(true);
  if (request.what === "serve") {
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
