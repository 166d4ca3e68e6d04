// `npm run audit`: lists known vulnerabilities of level high or above in the installed packages. It fails
// only on findings. A registry without advisories, as some mirrors are, is no failure.
import { spawnSync } from "node:child_process";

const { stdout } = spawnSync("npm", ["audit", "--json"], {
  encoding: "utf8",
  shell: process.platform === "win32",
  maxBuffer: 64 * 1024 * 1024,
});

/** @returns {{ high: number, critical: number } | undefined} number of findings of each level */
function readCounts() {
  try {
    return JSON.parse(stdout).metadata?.vulnerabilities;
  } catch {
    return undefined;
  }
}

const levels = readCounts();
if (levels === undefined) {
  process.stdout.write("⚠ The registry offers no advisories, so no package was checked.\n");
} else {
  const count = levels.high + levels.critical;
  process.stdout.write(
    count === 0
      ? "✔ No vulnerability of level high or critical is known.\n"
      : `✖ ${String(count)} vulnerabilities of level high or critical are known: see npm audit.\n`,
  );
  process.exitCode = count === 0 ? 0 : 1;
}
