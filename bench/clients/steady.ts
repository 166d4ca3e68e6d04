// Ordinary traffic at a steady pace, to measure the effect of other events. The request for a window
// returns the delivery times since the previous one.
import { pause, serveParent } from "../child.ts";
import { quantile } from "../measurement.ts";
import type { Crowd } from "../people.ts";
import { connect, isNumbered, type Language } from "../speakers/connect.ts";
import { markedBody, markOf, type Speaker } from "../speakers/speaker.ts";

export interface SteadyRequest {
  language: Language;
  url: string;
  /** All in one room. */
  crowd: Crowd;
  /** Messages per second of all senders. */
  pace: number;
}

export interface Window {
  /** Number of messages that reached their last member. */
  messages: number;
  /** Milliseconds from send to the last member's receipt. */
  p50: number;
  p99: number;
  /** Disordered deliveries; after `stop` including missing ones. */
  wrong: number;
}

const SETTLE_LIMIT_MS = 15_000;

const receipts = new Map<number, { at: number; left: number }>();
let took: number[] = [];
let wrong = 0;
let running = true;
let finished: Promise<void> = Promise.resolve();

async function begin({ language, url, crowd, pace }: SteadyRequest): Promise<void> {
  const members = crowd.rooms.length;
  const numbered = isNumbered(language);
  const speakers = await Promise.all(
    crowd.rooms.map((_room, index) => {
      let last = 0;
      return connect(language, url, crowd, index, (seq, frame) => {
        if (numbered && last !== 0 && seq !== last + 1) wrong += 1;
        last = seq;
        const receipt = receipts.get(markOf(frame));
        if (receipt === undefined) return;
        receipt.left -= 1;
        if (receipt.left > 0) return;
        took.push(performance.now() - receipt.at);
        receipts.delete(markOf(frame));
      });
    }),
  );
  finished = send(speakers, members, pace);
}

async function send(speakers: readonly Speaker[], members: number, pace: number): Promise<void> {
  const under: Promise<void>[] = [];
  const start = performance.now();
  for (let count = 0; running; count += 1) {
    await pause(Math.max(0, start + (count * 1_000) / pace - performance.now()));
    receipts.set(count, { at: performance.now(), left: members });
    const sending = speakers[count % speakers.length]?.send(markedBody(count));
    if (sending !== undefined) under.push(sending);
  }
  await Promise.all(under);
}

/** Waits for all messages in progress. Missing ones are wrong. */
async function stop(): Promise<void> {
  running = false;
  await finished;
  const limit = performance.now() + SETTLE_LIMIT_MS;
  while (receipts.size > 0 && performance.now() < limit) await pause(5);
  for (const { left } of receipts.values()) wrong += left;
}

function window(): Window {
  const result = {
    messages: took.length,
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    wrong,
  };
  took = [];
  return result;
}

serveParent<SteadyRequest | "window" | "stop">(async (message) => {
  if (message === "window") return window();
  if (message === "stop") await stop();
  else await begin(message);
  return window();
});
