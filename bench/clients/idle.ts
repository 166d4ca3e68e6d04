// Users who are connected and listen only. Each request connects more of them.
import { pause, serveParent } from "../child.ts";
import type { Crowd } from "../people.ts";
import { connect, type Language } from "../speakers/connect.ts";

export interface IdleRequest {
  language: Language;
  url: string;
  crowd: Crowd;
  /** Total number of users to connect. */
  until: number;
}

const AT_ONCE = 100;
/** Time for side effects of the last connections to settle, in milliseconds. */
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
