import type { Peer } from "./load.ts";

/** Something that all programs do in turn. */
export interface Work {
  name: string;
  /** What it is, for the report. */
  description: string;
  members: number;
  rooms: number;
  senders: number;
  /** How many messages each sender has under way at once. */
  inFlight: number;
  /** Messages a second of all senders together; null for as fast as they are acknowledged. */
  pace: number | null;
  instances: number;
  peers: readonly Peer[];
}

const ALL: readonly Peer[] = ["parley", "socket-io", "yoga", "bare-ws"];
const base = { rooms: 1, inFlight: 1, pace: null, instances: 1, peers: ALL };

export const WORKS: readonly Work[] = [
  {
    ...base,
    name: "room200",
    description: "200 members in one room, 20 of them send as fast as they are acknowledged",
    members: 200,
    senders: 20,
  },
  {
    ...base,
    name: "room200-one",
    description: "the same with one sender: one message at a time",
    members: 200,
    senders: 1,
  },
  {
    ...base,
    name: "small",
    description: "200 members in 100 rooms of two, all of them send",
    members: 200,
    rooms: 100,
    senders: 200,
  },
  {
    ...base,
    name: "paced",
    description: "200 members in one room, 40 messages a second: what counts is the time",
    members: 200,
    senders: 20,
    pace: 40,
  },
  {
    ...base,
    name: "wide",
    description: "1,000 members in one room, 20 of them send",
    members: 1_000,
    senders: 20,
  },
  {
    ...base,
    name: "room200-two",
    description: "room200 over two instances joined by Redis",
    members: 200,
    senders: 20,
    instances: 2,
    peers: ["parley", "socket-io", "yoga"],
  },
  {
    ...base,
    name: "small-two",
    description: "small over two instances joined by Redis",
    members: 200,
    rooms: 100,
    senders: 200,
    instances: 2,
    peers: ["parley", "socket-io", "yoga"],
  },
];
