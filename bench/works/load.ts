// The workloads of the load client: the same crowd listens and sends to every program in turn.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { startClient } from "../child.ts";
import type { AppendRequest, AppendResult } from "../clients/append.ts";
import type { LoadRequest, LoadResult } from "../clients/load.ts";
import { quantile, type Bench, type Column, type Measurement, type Work } from "../measurement.ts";
import { makeCrowd, type Crowd } from "../people.ts";
import { startEjabberd } from "../peers/ejabberd.ts";
import { startParley, startPeer, type Program } from "../programs.ts";
import type { Language } from "../speakers/connect.ts";

interface Load {
  name: string;
  description: string;
  members: number;
  rooms: number;
  senders: number;
  /** Number of parallel messages of each sender. */
  inFlight: number;
  /** Messages per second of all senders; null for as fast as they are acknowledged. */
  pace: number | null;
  instances: number;
  peers: readonly (keyof typeof PEERS | "inserts")[];
}

/** The protocols of programs, by their names in the report. */
const PEERS = {
  parley: "parley",
  "socket-io": "socket-io",
  "socket-io-tuned": "socket-io",
  yoga: "yoga",
  "bare-ws": "bare-ws",
  ejabberd: "ejabberd",
} as const satisfies Record<string, Language>;

const base = { rooms: 1, inFlight: 1, pace: null, instances: 1 };

const LOADS: readonly Load[] = [
  {
    ...base,
    name: "room200",
    description: "200 members in one room, 20 of them send as fast as they are acknowledged.",
    members: 200,
    senders: 20,
    peers: ["parley", "socket-io", "socket-io-tuned", "yoga", "ejabberd", "bare-ws"],
  },
  {
    ...base,
    name: "room200-bursts",
    description:
      "The same, and each of the 20 senders has 20 messages in progress, so frames that wait for a socket can leave together.",
    members: 200,
    senders: 20,
    inFlight: 20,
    peers: ["parley", "socket-io", "bare-ws"],
  },
  {
    ...base,
    name: "room200-one",
    description:
      "The same with one sender and one message at a time: frames leave together only if a server delays them, as Parley does for up to 10 ms while most events follow each other closely.",
    members: 200,
    senders: 1,
    peers: ["parley", "socket-io", "bare-ws"],
  },
  {
    ...base,
    name: "small",
    description:
      "200 members in 100 rooms of two, all of them send. `inserts` is the rate of plain one-row INSERTs by 50 clients on the same PostgreSQL, without any server.",
    members: 200,
    rooms: 100,
    senders: 200,
    peers: ["parley", "socket-io", "socket-io-tuned", "yoga", "bare-ws", "inserts"],
  },
  {
    ...base,
    name: "paced",
    description:
      "200 members in one room, 40 messages per second; the result is the time until the last member has the message.",
    members: 200,
    senders: 20,
    pace: 40,
    peers: ["parley", "socket-io", "yoga", "bare-ws"],
  },
  {
    ...base,
    name: "wide",
    description: "1,000 members in one room, 20 of them send.",
    members: 1_000,
    senders: 20,
    peers: ["parley", "socket-io", "yoga", "bare-ws"],
  },
  {
    ...base,
    name: "room200-two",
    description: "room200 over two instances connected by Redis.",
    members: 200,
    senders: 20,
    instances: 2,
    peers: ["parley", "socket-io", "yoga"],
  },
  {
    ...base,
    name: "small-two",
    description: "small over two instances connected by Redis.",
    members: 200,
    rooms: 100,
    senders: 200,
    instances: 2,
    peers: ["parley", "socket-io", "yoga"],
  },
  {
    ...base,
    name: "paced-two",
    description:
      "paced over two instances connected by Redis: near is a member on the sender's own instance, far one on the other.",
    members: 200,
    senders: 20,
    pace: 40,
    instances: 2,
    peers: ["parley", "socket-io", "yoga"],
  },
];

const COLUMNS: Record<"fast" | "paced", readonly Column[]> = {
  fast: [
    { key: "deliveries", title: "deliveries/s", digits: 0 },
    { key: "sends", title: "sends/s", digits: 0 },
    { key: "ack50", title: "acknowledged p50, ms", digits: 1 },
    { key: "ack99", title: "p99, ms", digits: 1 },
    { key: "cpu", title: "server CPU per delivery, µs", digits: 2 },
  ],
  paced: [
    { key: "last50", title: "last receipt p50, ms", digits: 1 },
    { key: "last99", title: "p99, ms", digits: 1 },
    { key: "near", title: "near p50, ms", digits: 1 },
    { key: "far", title: "far p50, ms", digits: 1 },
    { key: "ack50", title: "acknowledged p50, ms", digits: 1 },
    { key: "ack99", title: "p99, ms", digits: 1 },
    { key: "cpu", title: "server CPU per delivery, µs", digits: 2 },
  ],
};
const INSERTING_CLIENTS = 50;

export const LOAD_WORKS: readonly Work[] = LOADS.map((load) => ({
  name: load.name,
  description: load.description,
  columns: COLUMNS[load.pace === null ? "fast" : "paced"].filter(
    ({ key }) => key !== "far" || load.instances > 1,
  ),
  compared:
    load.pace !== null
      ? { key: "last50", better: "less", to: "parley" }
      : { key: load.rooms > 1 ? "sends" : "deliveries", better: "more", to: "parley" },
  run: async function* (bench) {
    const peers = bench.profiling.length > 0 ? (["parley"] as const) : load.peers;
    // The first program differs from round to round, because the previous one may leave disk work behind.
    const first = (bench.round - 1) % peers.length;
    for (const peer of [...peers.slice(first), ...peers.slice(0, first)]) {
      try {
        const measured = await (peer === "inserts" ? insert(bench) : measure(bench, load, peer));
        if (measured !== null) yield measured;
      } catch (error) {
        // A failing program is void, and the others continue.
        console.error(`${load.name} ${peer}:`, error);
        yield { program: peer, figures: {}, wrong: 1 };
      }
    }
  },
}));

async function measure(
  bench: Bench,
  load: Load,
  peer: keyof typeof PEERS,
): Promise<Measurement | null> {
  const crowd = await makeCrowd(bench.databaseUrl, load.members, load.rooms);
  await settle();
  const programs: Program[] = [];
  try {
    for (let count = 0; count < load.instances; count += 1) {
      const program = await start(bench, load, peer);
      if (program === null) return null;
      programs.push(program);
    }
    const urls = programs.map(({ url }) => url);
    return { program: peer, ...(await drive(bench, load, PEERS[peer], urls, crowd, programs)) };
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
  }
}

/** Flushes the disk, because a paced workload would otherwise wait for the writes of earlier ones. */
async function settle(): Promise<void> {
  await once(spawn("sync", { stdio: "ignore" }), "exit");
}

async function drive(
  { seconds }: Bench,
  { senders, pace, inFlight }: Load,
  language: Language,
  urls: readonly string[],
  crowd: Crowd,
  programs: readonly Program[],
): Promise<Omit<Measurement, "program">> {
  const cpuSeconds = async (): Promise<number> =>
    (await Promise.all(programs.map((program) => program.cpuSeconds()))).reduce((a, b) => a + b, 0);
  const client = startClient("load");
  try {
    const request: LoadRequest = {
      ...{ language, urls, crowd, senders, pace, inFlight },
      // The maximum of few messages is not meaningful.
      seconds: pace === null ? seconds : seconds * 4,
    };
    await client.ask(request);
    // Connected and warm: from here on, the server's CPU time counts.
    const before = await cpuSeconds();
    const result = await client.ask<LoadResult>("run");
    const cpu = (await cpuSeconds()) - before;
    const { delivered, sent, acknowledged, last, near, far, wrong } = result;
    return {
      wrong,
      figures: {
        deliveries: delivered / result.seconds,
        sends: sent / result.seconds,
        ack50: quantile(acknowledged, 0.5),
        ack99: quantile(acknowledged, 0.99),
        cpu: (cpu / delivered) * 1e6,
        ...(pace === null
          ? {}
          : { last50: quantile(last, 0.5), last99: quantile(last, 0.99), near, far }),
      },
    };
  } finally {
    await client.stop();
  }
}

/** Null if the peer is not installed. */
function start(
  bench: Bench,
  { instances }: Load,
  peer: keyof typeof PEERS,
): Promise<Program | null> {
  const stores = { DATABASE_URL: bench.databaseUrl, REDIS_URL: bench.redisUrl };
  switch (peer) {
    case "parley":
      return startParley(
        { ...stores, ...(instances === 1 ? { REDIS_URL: "" } : {}) },
        bench.profiling,
      );
    case "ejabberd":
      return startEjabberd();
    case "socket-io-tuned":
      return startPeer("socket-io", { ...stores, TUNED: "true" });
    case "socket-io":
    case "yoga":
    case "bare-ws":
      return startPeer(peer, stores);
  }
}

async function insert({ databaseUrl, seconds }: Bench): Promise<Measurement> {
  const client = startClient("append");
  try {
    const request: AppendRequest = {
      what: "inserts",
      databaseUrl,
      crowd: null,
      clients: INSERTING_CLIENTS,
    };
    await client.ask(request);
    const { rate, p50, p99 } = await client.ask<AppendResult>({ seconds });
    return { program: "inserts", figures: { sends: rate, ack50: p50, ack99: p99 }, wrong: 0 };
  } finally {
    await client.stop();
  }
}
