import http from "node:http";
import https from "node:https";
import { Child, type Exit } from "./child.ts";
import { eventually } from "./eventually.ts";

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 15_000;
/** The line that reports readiness: in the log, or with LOG_LEVEL=silent in the plain output. */
const LISTENING = /(?:listening on|Playground) +(https?:\/\/[^\s"]+)/;

export interface ServerOptions {
  databaseUrl: string;
  /** Connects it to the other instances on this Redis; a single instance without it. */
  redisUrl?: string;
  /** Further settings by their names in server/config.ts. */
  env?: Record<string, string>;
}

/** Where a server runs. */
export interface ServerPlace {
  /** The repository's folder. */
  root: string;
  /** Path of the built server. */
  bundle: string;
  /** A folder for this server. */
  dataFolder: string;
  /** Options of Node itself. */
  nodeOptions?: readonly string[];
}

/** A real server process of the built bundle, on a free port of 127.0.0.1. */
export interface TestServer {
  /** `http://127.0.0.1:PORT`, or `https://` with a certificate; constant over restarts. */
  readonly url: string;
  readonly pid: number;
  readonly isRunning: boolean;
  /** Its output since the last start. */
  readonly output: string;
  /** Resolves when the process has ended. */
  readonly exited: Promise<Exit>;
  /** Sends SIGKILL, like a crash. */
  kill(): Promise<Exit>;
  /** Sends SIGTERM for a graceful shutdown; the exit code shows whether it was one. */
  stop(): Promise<Exit>;
  /** Restarts it on the same port; a running one is stopped gracefully. */
  restart(): Promise<void>;
  /** Freezes the process: its connections stay open and nothing responds. */
  pause(): void;
  resume(): void;
}

/** A server that can be started, ended in any way and restarted. Needs no test runner. */
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

  /** @throws with its output if it ends or is not ready within 30 s */
  async start(): Promise<void> {
    const { databaseUrl, redisUrl, env } = this.#options;
    const port = this.url === "" ? "0" : new URL(this.url).port;
    const { bundle, nodeOptions = [] } = this.#place;
    const child = new Child(process.execPath, [...nodeOptions, bundle], {
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
        // The minimum, because hashing would take most of the time of tests.
        PASSWORD_MEMORY_MIB: "19",
        // Without system messages, so that stories contain only the messages of their users.
        ANNOUNCE_MEMBERS_MAX: "0",
        // Tests act faster than people; tests of rate limits enable the limits.
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

  /** Ends it in any state. */
  async release(): Promise<void> {
    if (!this.isRunning) return;
    this.resume();
    await this.kill();
  }
}

/** Accepts any certificate, because TLS tests check it themselves. */
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
