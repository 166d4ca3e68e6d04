import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { get, type IncomingMessage } from "node:http";
import { get as getSecurely } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";

export interface InstanceOptions {
  /** The server's script. */
  program: string;
  /** The script that ends it when this process dies. */
  leash: string;
  environment: NodeJS.ProcessEnv;
  /** Its URL, such as `http://127.0.0.1:4001`. */
  origin: string;
  /** Receives one line when the instance ends unexpectedly, with the time of the restart. */
  log: (line: string) => void;
}

const MIN_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
/** An instance that ran this long did not fail at startup, so the restart delay is reset. */
const HEALTHY_MS = 30_000;
const READY_LIMIT_MS = 60_000;
const POLL_MS = 50;
const PROBE_MS = 1_000;

/** A server process that is restarted whenever it ends unexpectedly. */
export class Instance {
  readonly #options: InstanceOptions;
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #living: Promise<void> = Promise.resolve();

  constructor(options: InstanceOptions) {
    this.#options = options;
  }

  /**
   * Starts the instance.
   *
   * @returns true when it is ready; false if it ended before that and printed the cause
   */
  async start(): Promise<boolean> {
    const ended = this.#launch();
    const { signal } = this.#stopping;
    const outcome = await Promise.race([ended, this.#becomesReady(signal)]);
    if (outcome === "ready") {
      this.#living = this.#keepAlive(ended);
      return true;
    }
    this.#living = Promise.resolve();
    return false;
  }

  /**
   * Stops the instance gracefully and waits for its end.
   *
   * @param limitMs time after which it is killed, in milliseconds
   */
  async stop(limitMs: number): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((resolve) => {
        child.once("exit", () => resolve());
      });
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
      await ended;
      clearTimeout(timer);
    }
    await this.#living;
  }

  /** @returns how it ended */
  #launch(): Promise<string> {
    // The channel closes when this process dies in any way, and thus notifies the instance.
    const child = fork(this.#options.program, [], {
      env: this.#options.environment,
      execArgv: [
        // Memory settings apply to each instance.
        ...process.execArgv.filter((argument) => argument.startsWith("--max-")),
        "--enable-source-maps",
        "--import",
        pathToFileURL(this.#options.leash).href,
      ],
    });
    this.#child = child;
    return new Promise((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => resolve(signal ?? `code ${String(code)}`));
    });
  }

  async #becomesReady(signal: AbortSignal): Promise<"ready" | "silent"> {
    const giveUp = Date.now() + READY_LIMIT_MS;
    while (Date.now() < giveUp && !signal.aborted) {
      if (await isReady(this.#options.origin)) return "ready";
      await delay(POLL_MS);
    }
    return "silent";
  }

  async #keepAlive(first: Promise<string>): Promise<void> {
    const { signal } = this.#stopping;
    const { log, origin } = this.#options;
    let pause = MIN_PAUSE_MS;
    for (let ended = first, started = Date.now(); ; ended = this.#launch(), started = Date.now()) {
      const how = await ended;
      if (signal.aborted) return;
      if (Date.now() - started > HEALTHY_MS) pause = MIN_PAUSE_MS;
      log(`The instance at ${origin} ended (${how}); starting it again in ${pause / 1000} s`);
      await delay(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      pause = Math.min(pause * 2, MAX_PAUSE_MS);
    }
  }
}

/** Whether the server at `origin` is ready; false if there is none. */
function isReady(origin: string): Promise<boolean> {
  const address = new URL("/health/ready", origin);
  return new Promise((resolve) => {
    const onResponse = (response: IncomingMessage): void => {
      response.resume();
      resolve(response.statusCode === 200);
    };
    // The request goes to this machine under a name that no certificate covers.
    const request =
      address.protocol === "https:"
        ? getSecurely(address, { rejectUnauthorized: false, timeout: PROBE_MS }, onResponse)
        : get(address, { timeout: PROBE_MS }, onResponse);
    request.on("timeout", () => request.destroy());
    request.on("error", () => {
      resolve(false);
    });
  });
}
