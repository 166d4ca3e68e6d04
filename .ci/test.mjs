// `npm test` needs only Node. It installs and builds like `npm start`, then runs vitest with the given
// arguments.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Runs Node on a script; resolves with its exit code. Ctrl+C reaches the child directly. */
function run(script, args, env = {}) {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  const forward = (signal) => child.kill(signal);
  process.on("SIGTERM", forward);
  process.on("SIGINT", () => {});
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  }).finally(() => process.off("SIGTERM", forward));
}

let code = await run("server/start.mjs", ["--build-only"]);
if (code === 0) {
  // Resolved only now, because it does not exist in a fresh clone before the build.
  const manifest = createRequire(import.meta.url).resolve("vitest/package.json");
  const vitest = join(dirname(manifest), "vitest.mjs");
  code = await run(vitest, ["run", ...process.argv.slice(2)], { PARLEY_TEST_BUILT: "yes" });
}
process.exitCode = code;
