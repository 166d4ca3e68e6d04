import { spawn } from "node:child_process";

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
/** Without a terminal, one line per interval shows progress. */
const LINE_MS = 10_000;

/** A failed step, reported to the user of the terminal. */
export class Failure extends Error {
  /**
   * @param {string} message what failed
   * @param {string} output the output of the failed program
   * @param {string} remedy what to do about it
   */
  constructor(message, output, remedy) {
    super(message);
    this.output = output;
    this.remedy = remedy;
  }
}

/**
 * Shows the progress of a step and finally its duration.
 *
 * @template T
 * @param {string} title such as "Building the web app"
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  const live = process.stdout.isTTY === true;
  let frame = 0;
  const draw = () => {
    if (live) {
      process.stdout.write(`\r\x1b[K${FRAMES[frame++ % FRAMES.length]} ${title} (${seconds()})`);
    } else {
      console.log(`… ${title}${frame++ === 0 ? "" : ` (${seconds()})`}`);
    }
  };
  draw();
  const timer = setInterval(draw, live ? FRAME_MS : LINE_MS);
  try {
    const result = await work();
    console.log(`${live ? "\r\x1b[K" : ""}✔ ${title} (${seconds()})`);
    return result;
  } catch (error) {
    if (live) process.stdout.write("\r\x1b[K");
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/**
 * Runs a program to its end and captures its output.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {{ shell?: boolean }} [options]
 * @returns {Promise<{ code: number, output: string }>} code 127 if it could not be started
 */
export function run(command, args, env, { shell = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, shell, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    // Interrupting the build must also stop the program.
    const end = () => {
      child.kill("SIGTERM");
      process.exit(130);
    };
    process.on("SIGINT", end).on("SIGTERM", end);
    const finish = (/** @type {number} */ code) => {
      process.off("SIGINT", end).off("SIGTERM", end);
      resolve({ code, output: output.trim() });
    };
    child.stdout.setEncoding("utf8").on("data", (chunk) => (output += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk) => (output += chunk));
    child.on("error", (error) => {
      output += error.message;
      finish(127);
    });
    child.on("close", (code) => finish(code ?? 1));
  });
}

/**
 * Returns the end of a program's output, which usually contains the cause.
 *
 * @param {string} output
 * @param {number} count maximum number of lines
 */
export function lastLines(output, count) {
  return output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-count)
    .map((line) => `    ${line}`)
    .join("\n");
}
