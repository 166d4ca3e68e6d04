import type { TestServer } from "./server-process.ts";

type Logging = Pick<TestServer, "output">;

/** How often an instance has logged something since it was started, by a piece of the line. */
export function timesLogged({ output }: Logging, words: string): number {
  return output.split(words).length - 1;
}

/** The lines of an instance's log that warn or are worse (pino's levels 40 to 60), since it was started. */
export function warningsOf({ output }: Logging): string[] {
  return output.split("\n").filter((line) => /"level":(?:40|50|60)/.test(line));
}
