// `npm run audit`: known weaknesses of level high or worse in what is installed. Fails only on what was
// found, not where the registry tells of none: some mirrors have no advisories.
import { spawnSync } from "node:child_process";

const { stdout } = spawnSync("npm", ["audit", "--json"], {
  encoding: "utf8",
  shell: process.platform === "win32",
  maxBuffer: 64 * 1024 * 1024,
});

/** @returns {{ high: number, critical: number } | undefined} how many there are of each level */
function found() {
  try {
    return JSON.parse(stdout).metadata?.vulnerabilities;
  } catch {
    return undefined;
  }
}

const levels = found();
if (levels === undefined) {
  process.stdout.write("⚠ The registry tells of no advisories, so nothing was checked.\n");
} else {
  const count = levels.high + levels.critical;
  process.stdout.write(
    count === 0
      ? "✔ No weakness of level high or critical is known.\n"
      : `✖ ${String(count)} weaknesses of level high or critical are known: see npm audit.\n`,
  );
  process.exitCode = count === 0 ? 0 : 1;
}
