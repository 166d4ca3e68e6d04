// The load client, in a process of its own: members listen, some of them send as fast as they are
// acknowledged. Told what to do by one message over IPC, answers with one.
import {
  bareSpeaker,
  parleySpeaker,
  socketIoSpeaker,
  type OnDelivery,
  type Speaker,
} from "./speakers.ts";

export interface LoadRequest {
  peer: "parley" | "bare-ws" | "socket-io";
  url: string;
  /** Parley's members: their tokens and the room. */
  tokens: readonly string[];
  conversationId: string;
  members: number;
  senders: number;
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
}

const BODY =
  "A message of some hundred characters, as people write them when they have something to say to all.";
const SETTLE_LIMIT_MS = 15_000;
const WARM_UP_SENDS = 20;

async function connect(
  request: LoadRequest,
  index: number,
  onDelivery: OnDelivery,
): Promise<Speaker> {
  if (request.peer === "bare-ws") return bareSpeaker(request.url, onDelivery);
  if (request.peer === "socket-io") return socketIoSpeaker(request.url, onDelivery);
  return parleySpeaker(
    request.url,
    request.tokens[index] ?? "",
    request.conversationId,
    onDelivery,
  );
}

async function warmUp(speaker: Speaker): Promise<void> {
  for (let left = WARM_UP_SENDS; left > 0; left -= 1) await speaker.send(BODY);
}

/** Waits until everything has arrived, or until it is plain that something is lost. */
async function settle(delivered: () => number, expected: number): Promise<void> {
  const limit = performance.now() + SETTLE_LIMIT_MS;
  while (delivered() < expected && performance.now() < limit) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function run(request: LoadRequest): Promise<LoadResult> {
  let delivered = 0;
  let wrong = 0;
  // Socket.IO promises no order, so only repetition counts against it.
  const ordered = request.peer !== "socket-io";
  const listen = (): OnDelivery => {
    let last = 0;
    return (seq) => {
      delivered += 1;
      if (ordered && last !== 0 && seq !== last + 1) wrong += 1;
      last = seq;
    };
  };
  const speakers = await Promise.all(
    Array.from({ length: request.members }, (_, index) => connect(request, index, listen())),
  );
  // Connected and warm: from here on the server's CPU time counts.
  await Promise.all(speakers.slice(0, request.senders).map((speaker) => warmUp(speaker)));
  await settle(() => delivered, request.senders * WARM_UP_SENDS * request.members);
  delivered = 0;
  process.send?.("begin");
  const latencies: number[] = [];
  let sent = 0;
  let running = true;
  const begin = performance.now();
  const work = speakers.slice(0, request.senders).map(async (speaker) => {
    while (running) {
      const at = performance.now();
      await speaker.send(BODY);
      latencies.push(performance.now() - at);
      sent += 1;
    }
  });
  await new Promise((resolve) => setTimeout(resolve, request.seconds * 1_000));
  running = false;
  await Promise.all(work);
  const expected = sent * request.members;
  await settle(() => delivered, expected);
  const seconds = (performance.now() - begin) / 1_000;
  for (const speaker of speakers) speaker.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
  return {
    sent,
    delivered,
    seconds,
    wrong: wrong + Math.abs(expected - delivered),
    p50: at(0.5),
    p99: at(0.99),
  };
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
