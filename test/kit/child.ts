import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/** How a process ended: its code, or the signal that ended it. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  /** Prefix of its lines after a failed test. */
  name: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

/** Lines kept of each process. */
const KEPT = 2_000;
/** Lines shown of each process after a failed test. */
const SHOWN = 80;

const children = new Set<Child>();

/** A real child process whose output is kept, to wait for lines and to show after a failed test. */
export class Child {
  readonly name: string;
  readonly process: ChildProcess;
  /** Resolves when the process has ended. */
  readonly exited: Promise<Exit>;
  readonly #lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();
  #dropped = 0;
  #mark = 0;

  constructor(command: string, args: readonly string[], options: ChildOptions) {
    this.name = options.name;
    this.process = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.add(this);
    const killWithUs = (): void => void this.process.kill("SIGKILL");
    process.once("exit", killWithUs);
    this.exited = new Promise<Exit>((resolve) => {
      this.process.once("error", (error) => {
        this.#take(`could not be started: ${error.message}`);
        resolve({ code: 127, signal: null });
      });
      this.process.once("close", (code, signal) => resolve({ code, signal }));
    }).finally(() => process.off("exit", killWithUs));
    for (const stream of [this.process.stdout, this.process.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", (line) => this.#take(line));
    }
  }

  get pid(): number {
    const { pid } = this.process;
    if (pid === undefined) throw new Error(`${this.name} was not started`);
    return pid;
  }

  get isRunning(): boolean {
    return (
      this.process.pid !== undefined &&
      this.process.exitCode === null &&
      this.process.signalCode === null
    );
  }

  /** The kept output of the process. */
  get output(): string {
    return this.#lines.join("\n");
  }

  /**
   * Waits for a matching line, printed before or after this call.
   *
   * @throws with the output if the process ends first or `timeoutMs` passes
   */
  async line(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    for (const line of this.#lines) {
      const match = pattern.exec(line);
      if (match) return match;
    }
    let timer: NodeJS.Timeout | undefined;
    let listener: ((line: string) => void) | undefined;
    const fail = (reason: string): Error =>
      new Error(`${this.name} ${reason} instead of printing ${String(pattern)}:\n${this.output}`);
    try {
      return await new Promise<RegExpExecArray>((resolve, reject) => {
        listener = (line) => {
          const match = pattern.exec(line);
          if (match) resolve(match);
        };
        this.#listeners.add(listener);
        timer = setTimeout(() => reject(fail(`waited ${timeoutMs} ms`)), timeoutMs);
        void this.exited.then(({ code, signal }) =>
          reject(fail(`ended (${signal ?? `code ${code ?? "unknown"}`})`)),
        );
      });
    } finally {
      clearTimeout(timer);
      if (listener) this.#listeners.delete(listener);
    }
  }

  /** Sends a signal and waits for the end. After `graceMs`, in milliseconds, SIGKILL follows. */
  async end(signal: NodeJS.Signals, graceMs = 15_000): Promise<Exit> {
    if (this.isRunning) {
      this.process.kill(signal);
      const timer = setTimeout(() => this.process.kill("SIGKILL"), graceMs);
      await this.exited;
      clearTimeout(timer);
    }
    return this.exited;
  }

  mark(): void {
    this.#mark = this.#dropped + this.#lines.length;
  }

  sinceMark(): string[] {
    return this.#lines.slice(Math.max(0, this.#mark - this.#dropped)).slice(-SHOWN);
  }

  #take(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT) {
      this.#lines.shift();
      this.#dropped += 1;
    }
    for (const listener of this.#listeners) listener(line);
  }
}

/** Assigns all later output to the next test. */
export function markOutput(): void {
  for (const child of children) {
    if (child.isRunning) child.mark();
    else children.delete(child);
  }
}

/** Returns the output of all processes since `markOutput`, each line with its process's name. */
export function outputSinceMark(): string {
  return [...children]
    .flatMap((child) => child.sinceMark().map((line) => `[${child.name}] ${line}`))
    .join("\n");
}
