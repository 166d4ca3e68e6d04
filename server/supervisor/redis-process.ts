import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { StartupError } from "../kernel/startup-error.ts";
import { freePort } from "./ports.ts";

/** A Redis that lives as long as this process. */
export interface RedisProcess {
  /** `redis://…` on this machine, with its password. */
  readonly url: string;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 5_000;
const STOP_LIMIT_MS = 2_000;
const POLL_MS = 20;
const NOT_FOUND = 127;

/**
 * Redis does not notice the death of its parent process. This shell does, because its standard input
 * ends. It returns Redis's exit code, and ends when Redis ends.
 */
const GUARD = `
exec 3<&0
redis-server "$1" </dev/null 3<&- &
redis=$!
(while read -r line; do :; done <&3; kill "$redis" 2>/dev/null) &
exec 3<&-
wait "$redis"
`;

/**
 * Starts `redis-server` from PATH on a free port of this machine. It stores nothing on disk, because
 * Redis is only the fast path between instances.
 *
 * @param folder for its configuration
 * @param environment to find the program in
 * @throws StartupError if it is missing or does not start
 */
export async function startRedisProcess(
  folder: string,
  environment: NodeJS.ProcessEnv,
): Promise<RedisProcess> {
  const port = await freePort();
  // On a shared machine, other users can reach the port, too.
  const password = randomBytes(24).toString("hex");
  await mkdir(folder, { recursive: true });
  const configuration = join(folder, "redis.conf");
  const lines = [
    "bind 127.0.0.1",
    `port ${port}`,
    `requirepass ${password}`,
    'save ""',
    "appendonly no",
    "loglevel warning",
  ];
  await writeFile(configuration, `${lines.join("\n")}\n`, { mode: 0o600 });
  const child = spawn("/bin/sh", ["-c", GUARD, "redis-guard", configuration], {
    env: environment,
    // A separate process group: on Ctrl-C, the instances stop first.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output.push(chunk);
      // Only the output of the start matters.
      if (output.length > 50) output.shift();
    });
  }
  child.stdin.on("error", () => undefined);
  const ended = new Promise<number>((resolve) => {
    child.on("error", () => resolve(NOT_FOUND));
    child.on("exit", (code) => resolve(code ?? 1));
  });
  const failure = await Promise.race([ended, waitUntilReady(port)]);
  if (failure === "ready") {
    return { url: `redis://:${password}@127.0.0.1:${port}`, stop: () => end(child, ended) };
  }
  await end(child, ended);
  if (failure === NOT_FOUND) {
    throw new StartupError(
      "Several instances need Redis, but redis-server is not installed",
      "Install it (apt install redis-server, brew install redis, docker compose up redis), or set REDIS_URL",
    );
  }
  throw new StartupError(
    `Redis did not start: ${output.join("").trim().split("\n").at(-1) ?? "it wrote no output"}`,
    "Start a Redis yourself and set REDIS_URL",
  );
}

async function end(child: ChildProcess, ended: Promise<number>): Promise<void> {
  child.stdin?.end();
  const late = new AbortController();
  await Promise.race([ended, delay(STOP_LIMIT_MS, undefined, { signal: late.signal })]).catch(
    () => undefined,
  );
  late.abort();
  // Kills the whole group: the shell and Redis.
  if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
}

async function waitUntilReady(port: number): Promise<"ready" | "silent"> {
  const giveUp = Date.now() + START_LIMIT_MS;
  while (Date.now() < giveUp) {
    if (await accepts(port)) return "ready";
    await delay(POLL_MS);
  }
  return "silent";
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
    socket.unref();
    socket.once("connect", () => socket.destroy());
  });
}
