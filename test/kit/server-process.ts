import http from "node:http";
import https from "node:https";
import { Child, type Exit } from "./child.ts";
import { eventually } from "./eventually.ts";

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 15_000;
/** In the log, or with LOG_LEVEL=silent in what a person reads. */
const LISTENING = /(?:listening on|Playground) +(https?:\/\/[^\s"]+)/;

export interface ServerOptions {
  databaseUrl: string;
  /** Joins it to the other instances on this Redis; alone without. */
  redisUrl?: string;
  /** Further settings by their names in server/config.ts. */
  env?: Record<string, string>;
}

/** Where a server is run from. */
export interface ServerPlace {
  /** The repository's folder. */
  root: string;
  /** The built server, as a path. */
  bundle: string;
  /** Of this server alone. */
  dataFolder: string;
}

/** A real server process of the built bundle, on a free port of 127.0.0.1. */
export interface TestServer {
  /** `http://127.0.0.1:PORT`, or `https://` with a certificate; the same after a restart. */
  readonly url: string;
  readonly pid: number;
  readonly isRunning: boolean;
  /** All that it has printed since it was started last. */
  readonly output: string;
  /** Resolves when the process has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  /** SIGKILL, as a crash. */
  kill(): Promise<Exit>;
  /** SIGTERM, as an orderly shutdown; the exit code tells whether it was one. */
  stop(): Promise<Exit>;
  /** Starts it on the same port, stopping it first in good order if it runs. */
  restart(): Promise<void>;
  /** Freezes the process: its connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
}

/** A server that can be started, ended in any way and started again. Needs no test runner. */
export class ServerProcess implements TestServer {
  url = "";
  readonly #options: ServerOptions;
  readonly #place: ServerPlace;
  #child: Child | undefined;

  constructor(options: ServerOptions, place: ServerPlace) {
    this.#options = options;
    this.#place = place;
  }

  get pid(): number {
    return this.#latest.pid;
  }

  get isRunning(): boolean {
    return this.#child?.isRunning ?? false;
  }

  get output(): string {
    return this.#latest.output;
  }

  get exited(): Promise<Exit> {
    return this.#latest.exited;
  }

  get #latest(): Child {
    if (!this.#child) throw new Error("the server was never started");
    return this.#child;
  }

  /** @throws with its output when it ends or is not ready in 30 s */
  async start(): Promise<void> {
    const { databaseUrl, redisUrl, env } = this.#options;
    const port = this.url === "" ? "0" : new URL(this.url).port;
    const child = new Child(process.execPath, [this.#place.bundle], {
      name: `server:${port}`,
      cwd: this.#place.root,
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        NODE_ENV: "test",
        HOST: "127.0.0.1",
        PORT: port,
        DATABASE_URL: databaseUrl,
        DATABASE_POOL: "8",
        PARLEY_DATA: this.#place.dataFolder,
        // The least that is allowed: most of what tests would take otherwise is hashing.
        PASSWORD_MEMORY_MIB: "19",
        // So that the messages of a story are those that its people say.
        ANNOUNCE_MEMBERS_MAX: "0",
        // Tests do in a second what people do in a day; those about limits set their own.
        RATE_LIMITS: "false",
        ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
        ...env,
      },
    });
    this.#child = child;
    const [, address = ""] = await child.line(LISTENING, START_LIMIT_MS);
    const { protocol, port: taken } = new URL(address);
    this.url = `${protocol}//127.0.0.1:${taken}`;
    await eventually(() => isReady(`${this.url}/health/ready`), {
      timeoutMs: START_LIMIT_MS,
      what: "readiness",
    });
  }

  kill(): Promise<Exit> {
    return this.#latest.end("SIGKILL");
  }

  stop(): Promise<Exit> {
    return this.#latest.end("SIGTERM", STOP_LIMIT_MS);
  }

  async restart(): Promise<void> {
    if (this.isRunning) await this.stop();
    await this.start();
  }

  pause(): void {
    this.#latest.process.kill("SIGSTOP");
  }

  resume(): void {
    this.#latest.process.kill("SIGCONT");
  }

  /** Ends it, whatever state it is in. */
  async release(): Promise<void> {
    if (!this.isRunning) return;
    this.resume();
    await this.kill();
  }
}

/** Whatever certificate it has: those who test it look at that themselves. */
function isReady(url: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const get = url.startsWith("https:") ? https.get : http.get;
    const request = get(url, { rejectUnauthorized: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.on("error", reject);
  });
}
