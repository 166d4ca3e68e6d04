// A busy room whose members stop reading. The request to begin connects them and starts constant traffic;
// the request to stop reading leaves all later messages unread.
import { pause, serveParent } from "../child.ts";
import type { Crowd } from "../people.ts";
import { connect, type Language } from "../speakers/connect.ts";
import type { Speaker } from "../speakers/speaker.ts";

export interface StalledRequest {
  language: Language;
  url: string;
  /** All in one room; the last one sends, and reads. */
  crowd: Crowd;
  /** Messages per second, and characters of each. */
  pace: number;
  length: number;
}

const AT_ONCE = 100;

let readers: Speaker[] = [];
let running = true;

async function begin({ language, url, crowd, pace, length }: StalledRequest): Promise<void> {
  const speakers: Speaker[] = [];
  while (speakers.length < crowd.rooms.length) {
    const next = Math.min(AT_ONCE, crowd.rooms.length - speakers.length);
    const first = speakers.length;
    speakers.push(
      ...(await Promise.all(
        Array.from({ length: next }, (_, index) =>
          connect(language, url, crowd, first + index, () => undefined),
        ),
      )),
    );
  }
  readers = speakers.slice(0, -1);
  const talker = speakers.at(-1);
  if (talker === undefined) throw new Error("The room has no member to send");
  void talk(talker, pace, "x".repeat(length));
}

async function talk(talker: Speaker, pace: number, body: string): Promise<void> {
  const start = performance.now();
  for (let count = 0; running; count += 1) {
    await pause(Math.max(0, start + (count * 1_000) / pace - performance.now()));
    await talker.send(body);
  }
}

serveParent<StalledRequest | "stop reading" | "stop">(async (message) => {
  if (message === "stop reading") for (const reader of readers) reader.stopReading?.();
  else if (message === "stop") running = false;
  else await begin(message);
  return null;
});
