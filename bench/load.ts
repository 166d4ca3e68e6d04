// The load client, in a process of its own: members listen, some of them send, either as fast as they
// are acknowledged or at a pace. Told what to do by one message over IPC, answers with one.
import type { Crowd } from "./people.ts";
import { bareSpeaker } from "./speakers/bare.ts";
import { graphqlSpeaker, parleyDialect, yogaDialect } from "./speakers/graphql.ts";
import { socketIoSpeaker } from "./speakers/socket-io.ts";
import { markedBody, markOf, type OnDelivery, type Speaker } from "./speakers/speaker.ts";

export type Peer = "parley" | "socket-io" | "yoga" | "bare-ws";

export interface LoadRequest {
  peer: Peer;
  /** One for each instance; members are spread over them. */
  urls: readonly string[];
  crowd: Crowd;
  senders: number;
  /** Messages a second of all senders together; null for as fast as they are acknowledged. */
  pace: number | null;
  /** How many each sender has under way at once. */
  inFlight: number;
  seconds: number;
}

export interface LoadResult {
  sent: number;
  delivered: number;
  seconds: number;
  /** Deliveries that came twice, not in order, or not at all. Any of them voids the run. */
  wrong: number;
  /** Milliseconds from sending to acknowledgement. */
  p50: number;
  p99: number;
  /** Milliseconds from sending to the last member's receipt; only at a pace. */
  last50: number | null;
  last99: number | null;
}

const SETTLE_LIMIT_MS = 15_000;
const WARM_UP_SENDS = 20;
/** A stream that does not say when it is open has this long, in milliseconds. */
const OPENING_MS = 1_000;

function connect(request: LoadRequest, index: number, onDelivery: OnDelivery): Promise<Speaker> {
  const { peer, urls, crowd } = request;
  const url = urls[index % urls.length] ?? "";
  const room = crowd.rooms[index] ?? "";
  switch (peer) {
    case "bare-ws":
      return bareSpeaker(url, room, onDelivery);
    case "socket-io":
      return socketIoSpeaker(url, room, onDelivery);
    case "yoga":
      return graphqlSpeaker(url, yogaDialect(crowd.userIds[index] ?? "", room), onDelivery);
    case "parley": {
      const conversationId = Buffer.from(`Conversation:${room}`).toString("base64");
      const dialect = parleyDialect(crowd.tokens[index] ?? "", conversationId);
      return graphqlSpeaker(url, dialect, onDelivery);
    }
  }
}

/** Waits until everything has arrived, or until it is plain that something is lost. */
async function settle(delivered: () => number, expected: number): Promise<void> {
  const limit = performance.now() + SETTLE_LIMIT_MS;
  while (delivered() < expected && performance.now() < limit) await pause(5);
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Of sorted numbers, the one that this share of them does not exceed. */
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(sorted.length * share)] ?? 0;

async function run(request: LoadRequest): Promise<LoadResult> {
  const { crowd, pace } = request;
  const members = crowd.rooms.length;
  const sizes = new Map<string, number>();
  for (const room of crowd.rooms) sizes.set(room, (sizes.get(room) ?? 0) + 1);
  let delivered = 0;
  let wrong = 0;
  // Only Parley and the bare server number the messages of a room without gaps; of the others only
  // what is missing or too many counts against them.
  const ordered = request.peer === "parley" || request.peer === "bare-ws";
  const receipts = new Map<number, { at: number; left: number }>();
  const lasts: number[] = [];
  const listen = (): OnDelivery => {
    let last = 0;
    return (seq, frame) => {
      delivered += 1;
      if (ordered && last !== 0 && seq !== last + 1) wrong += 1;
      last = seq;
      if (pace === null) return;
      const receipt = receipts.get(markOf(frame));
      if (receipt === undefined) return;
      receipt.left -= 1;
      if (receipt.left === 0) lasts.push(performance.now() - receipt.at);
    };
  };
  const speakers = await Promise.all(
    Array.from({ length: members }, (_, index) => connect(request, index, listen())),
  );
  if (request.peer === "yoga") await pause(OPENING_MS);
  const sizeOf = (index: number): number => sizes.get(crowd.rooms[index] ?? "") ?? 0;
  const senders = speakers.slice(0, request.senders);

  // Connected and warm: from here on the server's CPU time counts.
  let expected = 0;
  await Promise.all(
    senders.map(async (speaker, index) => {
      for (let left = WARM_UP_SENDS; left > 0; left -= 1) await speaker.send(markedBody(0));
      expected += WARM_UP_SENDS * sizeOf(index);
    }),
  );
  await settle(() => delivered, expected);
  delivered = 0;
  expected = 0;
  process.send?.("begin");

  const latencies: number[] = [];
  let sent = 0;
  let running = true;
  const begin = performance.now();
  const send = async (speaker: Speaker, index: number): Promise<void> => {
    sent += 1;
    expected += sizeOf(index);
    const mark = sent;
    const at = performance.now();
    if (pace !== null) receipts.set(mark, { at, left: sizeOf(index) });
    await speaker.send(markedBody(mark));
    latencies.push(performance.now() - at);
  };
  const work =
    pace === null
      ? senders.flatMap((speaker, index) =>
          Array.from({ length: request.inFlight }, async () => {
            while (running) await send(speaker, index);
          }),
        )
      : [atPace(senders, pace, send, () => running)];
  await pause(request.seconds * 1_000);
  running = false;
  await Promise.all(work);
  await settle(() => delivered, expected);
  const seconds = (performance.now() - begin) / 1_000;
  for (const speaker of speakers) speaker.close();
  latencies.sort((a, b) => a - b);
  lasts.sort((a, b) => a - b);
  return {
    sent,
    delivered,
    seconds,
    wrong: wrong + Math.abs(expected - delivered),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    last50: pace === null ? null : quantile(lasts, 0.5),
    last99: pace === null ? null : quantile(lasts, 0.99),
  };
}

/** Sends in turn, so many a second, without waiting for one before the next. */
async function atPace(
  senders: readonly Speaker[],
  pace: number,
  send: (speaker: Speaker, index: number) => Promise<void>,
  running: () => boolean,
): Promise<void> {
  const under: Promise<void>[] = [];
  const begin = performance.now();
  for (let count = 0; running(); count += 1) {
    await pause(Math.max(0, begin + (count * 1_000) / pace - performance.now()));
    const index = count % senders.length;
    const speaker = senders[index];
    if (speaker !== undefined) under.push(send(speaker, index));
  }
  await Promise.all(under);
}

process.once("message", (request: LoadRequest) => {
  run(request).then(
    (result) => process.send?.(result, () => process.exit(0)),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
