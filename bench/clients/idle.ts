// People who are connected and listen, and nothing else. Each request connects more of the crowd.
import { pause, serveParent } from "../child.ts";
import type { Crowd } from "../people.ts";
import { connect, type Language } from "../speakers/connect.ts";

export interface IdleRequest {
  language: Language;
  url: string;
  crowd: Crowd;
  /** How many of the crowd are to be connected in all. */
  until: number;
}

const AT_ONCE = 100;
/** Until what the last ones set off has settled, in milliseconds. */
const REST_MS = 1_500;

let connected = 0;

serveParent<IdleRequest>(async ({ language, url, crowd, until }) => {
  while (connected < until) {
    const next = Math.min(AT_ONCE, until - connected);
    await Promise.all(
      Array.from({ length: next }, (_, index) =>
        connect(language, url, crowd, connected + index, () => undefined),
      ),
    );
    connected += next;
  }
  await pause(REST_MS);
  return null;
});
