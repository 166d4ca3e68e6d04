import type { TestServer } from "./server-process.ts";

type Logging = Pick<TestServer, "output">;

/** Counts log lines of an instance since its start that contain a text. */
export function timesLogged({ output }: Logging, words: string): number {
  return output.split(words).length - 1;
}

/** Returns the log lines of an instance at level warn or above (pino's 40 to 60) since its start. */
export function warningsOf({ output }: Logging): string[] {
  return output.split("\n").filter((line) => /"level":(?:40|50|60)/.test(line));
}
