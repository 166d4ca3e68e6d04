import { readFile } from "node:fs/promises";

import { Failure, lastLines, run, step } from "./terminal.mjs";

/** @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean, link?: boolean }} LockedPackage */

/**
 * Installs the packages of package-lock.json unless exactly these are installed.
 *
 * @param {NodeJS.ProcessEnv} env
 * @throws {Failure} if npm fails
 */
export async function installPackages(env) {
  const wanted = await readPackages("package-lock.json");
  if (wanted === undefined) {
    throw new Failure(
      "package-lock.json is missing or invalid",
      "",
      "Restore it: git checkout package-lock.json",
    );
  }
  const installed = await readPackages("node_modules/.package-lock.json");
  if (installed !== undefined && covers(installed, wanted)) return;
  const count = Object.keys(wanted).length;
  const why = installed === undefined ? "Installing" : "Updating";
  const { code, output } = await step(`${why} ${count} packages`, () => npmInstall(env));
  if (code === 0) return;
  throw new Failure(
    "The packages could not be installed. npm says:",
    lastLines(output, 12),
    remedyFor(output),
  );
}

/** @param {NodeJS.ProcessEnv} env */
function npmInstall(env) {
  // Building needs development packages, even if NODE_ENV is production.
  const args = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"];
  const npm = env["npm_execpath"];
  if (npm !== undefined && /\.c?js$/.test(npm)) return run(process.execPath, [npm, ...args], env);
  return run("npm", args, env, { shell: process.platform === "win32" });
}

/**
 * @param {string} file a lock file, or npm's record of installed packages
 * @returns {Promise<Record<string, LockedPackage> | undefined>} packages by their folder
 */
async function readPackages(file) {
  try {
    const { packages } = JSON.parse(await readFile(file, "utf8"));
    if (typeof packages !== "object" || packages === null) return undefined;
    return Object.fromEntries(
      Object.entries(packages).filter(([path]) => path.startsWith("node_modules/")),
    );
  } catch {
    return undefined;
  }
}

/**
 * @param {Record<string, LockedPackage>} installed
 * @param {Record<string, LockedPackage>} wanted
 */
function covers(installed, wanted) {
  return Object.entries(wanted).every(([path, locked]) => {
    const found = installed[path];
    // Optional packages may be for other platforms, and peers may be absent.
    if (found === undefined) return locked.optional || locked.devOptional || locked.peer || false;
    return found.version === locked.version;
  });
}

/** @param {string} output npm's output */
function remedyFor(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|network/i.test(output)) {
    return "Check the connection to the npm registry (npm config get registry), then run this again.";
  }
  if (/ENOSPC/.test(output)) return "The disk is full: free some space, then run this again.";
  if (/EACCES|EPERM|EROFS/.test(output)) {
    return "Make this folder writable for you, then run this again.";
  }
  if (/can only install packages when|in sync/.test(output)) {
    return "package.json and package-lock.json disagree: run npm install, and commit both.";
  }
  return "Run npm ci to see all of its output.";
}
