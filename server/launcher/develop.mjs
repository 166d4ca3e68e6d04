import { spawn } from "node:child_process";

import { binary } from "./build.mjs";

/**
 * Runs the server and Vite side by side, both with reload.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} exit code
 */
export function develop(env) {
  const node = JSON.stringify(process.execPath);
  const child = spawn(
    process.execPath,
    [
      binary("concurrently", "concurrently"),
      "--kill-others",
      "--handle-input",
      "--names=server,web",
      `${node} ${JSON.stringify(binary("tsx", "tsx"))} watch --clear-screen=false server/main.ts`,
      `${node} ${JSON.stringify(binary("vite", "vite"))} --config web/vite.config.ts`,
    ],
    { env, stdio: "inherit" },
  );
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  // Ctrl-C reaches the whole process group; this process only waits for its end.
  process.on("SIGINT", () => undefined);
  return new Promise((resolve) => {
    child.on("error", (error) => {
      console.error(`✖ ${error.message}`);
      resolve(1);
    });
    // A signal ends it without a failure.
    child.on("close", (code, signal) => resolve(signal === null ? (code ?? 0) : 0));
  });
}
