import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";

// The record of a run, in the order in which this process observed it. All ids are the database's own,
// all positions are log positions, and `at` is in milliseconds since the start.

/** The transport of a client. */
export type Through = "sdk" | "socket" | "sse";

/** One observation. */
export type Observation =
  /** A client started to listen, with its own session or a shared one. */
  | { kind: "arrived"; client: string; person: string; through: Through; session: string }
  /** A client stopped permanently and closed everything. */
  | { kind: "left"; client: string }
  /** A user is a member from this log position on. */
  | { kind: "member"; person: string; conversation: string; position: number }
  /** A stream opened: the client has seen everything that it may see up to here. */
  | { kind: "opened"; client: string; epoch: number; instance: string; position: number }
  | { kind: "closed"; client: string; epoch: number; reason: string }
  /** The application received an event. */
  | ({ kind: "received"; client: string; epoch: number } & ObservedEvent)
  /** A heartbeat with the position of a quiet stream. */
  | { kind: "quiet"; client: string; epoch: number; position: number }
  /** The server reported that it cannot replay missed events. */
  | { kind: "gap"; client: string; epoch: number; position: number; reason: string }
  /** Recorded before the first attempt to send. */
  | { kind: "sent"; client: string; person: string; conversation: string; clientId: string }
  | ({ kind: "acknowledged"; client: string; person: string; clientId: string } & Place)
  /** Another durable change was acknowledged, at this position. */
  | { kind: "changed"; person: string; conversation: string; position: number }
  /** An attempt failed. `retryable` is the server's statement; false if no server responded. */
  | { kind: "failed"; by: string; action: string; code: string; retryable: boolean; why: string }
  /** The application received an error after all retries. */
  | { kind: "gave up"; by: string; action: string; code: string }
  /** Recorded before the request that removes a user from a conversation. */
  | { kind: "removing"; person: string; conversation: string }
  /** Recorded before the request to rejoin. */
  | { kind: "rejoining"; person: string; conversation: string }
  /** Recorded before the request that ends a session. */
  | { kind: "revoking"; session: string }
  | Read
  /** The stored unread count and a fresh count. */
  | { kind: "unread"; person: string; conversation: string; kept: number; recounted: number }
  /** A user's presence according to an instance. */
  | { kind: "seen"; person: string; instance: string; asked: number; status: string }
  /** A row of the log, read from the database after the run. */
  | ({ kind: "logged"; topic: string } & ObservedEvent)
  | { kind: "fault"; name: string; phase: "begins" | "ends" }
  /** All clients were current again this long after the last of these faults ended, in milliseconds. */
  | { kind: "healed"; faults: string[]; took: number }
  /** An instance ended unexpectedly, or logged a bug. */
  | { kind: "broke"; instance: string; what: string };

/** The content of an event. */
export interface ObservedEvent {
  position: number;
  type: string;
  conversation?: string;
  message?: string;
  /** Number of a sent message in its conversation. */
  seq?: number;
  clientId?: string;
  author?: string;
  /** The user who joined or left. */
  subject?: string;
  /** The ended session. */
  session?: string;
}

/** The place of a message; its position if the observer knows it. */
export interface Place {
  conversation: string;
  message: string;
  seq: number;
  position?: number;
}

/** A page of a conversation's history: the newest messages, or all. */
export interface Read {
  kind: "read";
  person: string;
  conversation: string;
  instance: string;
  /** Time of the request. */
  asked: number;
  whole: boolean;
  lastSeq: number;
  messages: { message: string; seq: number; clientId: string | null }[];
}

export type Entry = Observation & { at: number };

/** Keeps a history, in memory for the checker and as JSON lines in a file. */
export class History {
  readonly entries: Entry[] = [];
  readonly file: string;
  readonly #began = performance.now();
  readonly #stream: WriteStream;

  constructor(file: string) {
    this.file = file;
    this.#stream = createWriteStream(file);
  }

  /** Milliseconds since the start of the run. */
  get now(): number {
    return Math.round((performance.now() - this.#began) * 10) / 10;
  }

  /** Records an observation. */
  add(observation: Observation): void {
    const entry: Entry = { at: this.now, ...observation };
    this.entries.push(entry);
    this.#stream.write(`${JSON.stringify(entry)}\n`);
  }

  /** Resolves when the file is complete. */
  async close(): Promise<void> {
    this.#stream.end();
    if (!this.#stream.writableFinished) await finished(this.#stream);
    if (!this.#stream.closed) await once(this.#stream, "close");
  }
}
