import { spawn, type ChildProcess } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../server/supervisor/ports.ts";
import { pause } from "../child.ts";
import type { Bench, Measurement, Work } from "../measurement.ts";

const LIMIT_MS = 120_000;
const POLL_MS = 5;

export const START: Work = {
  name: "start",
  description:
    "The built `npm start` until `/health/ready` succeeds: cold with a new data folder, warm with that folder after a graceful stop, and with an external database.",
  columns: [{ key: "seconds", title: "s", digits: 2 }],
  compared: null,
  run: async function* (bench) {
    const folder = await mkdtemp(join(tmpdir(), "parley-start-"));
    await chmod(folder, 0o755);
    const embedded = { PARLEY_DATA: join(folder, "data"), DATABASE_URL: "" };
    try {
      yield measure("embedded, cold", embedded);
      yield measure("embedded, warm", embedded);
      yield measure("external database", external(bench, folder));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const external = ({ databaseUrl }: Bench, folder: string): Record<string, string> => ({
  PARLEY_DATA: join(folder, "other"),
  DATABASE_URL: databaseUrl,
});

async function measure(program: string, environment: Record<string, string>): Promise<Measurement> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn("npm", ["start", "--silent"], {
    env: {
      ...process.env,
      ...{ PORT: String(port), HOST: "127.0.0.1", REDIS_URL: "", LOG_LEVEL: "warn" },
      ...environment,
    },
    stdio: ["ignore", "ignore", "inherit"],
    // A separate process group, so that all of it can be ended if stopping fails.
    detached: true,
  });
  try {
    await ready(child, `http://127.0.0.1:${String(port)}/health/ready`);
    const seconds = (performance.now() - began) / 1_000;
    return { program, figures: { seconds }, wrong: 0 };
  } finally {
    await stop(child);
  }
}

async function ready(child: ChildProcess, url: string): Promise<void> {
  const until = performance.now() + LIMIT_MS;
  while (performance.now() < until && child.exitCode === null) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // It does not listen yet.
    }
    await pause(POLL_MS);
  }
  throw new Error("npm start was not ready in time");
}

/** Ends npm, which ends the server below it. Waits until no process is left. */
async function stop({ pid, exitCode }: ChildProcess): Promise<void> {
  if (pid === undefined) return;
  if (exitCode === null) process.kill(pid, "SIGTERM");
  const until = performance.now() + LIMIT_MS;
  const isThere = (): boolean => {
    try {
      return process.kill(-pid, 0);
    } catch {
      return false;
    }
  };
  while (isThere() && performance.now() < until) await pause(20);
}
