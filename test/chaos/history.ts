import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";

// What a run writes down, in the order in which it happened here. All ids are the database's own, all
// positions those of the log, and `at` is milliseconds since the run began.

/** Which of the ways to a server a client uses. */
export type Through = "sdk" | "socket" | "sse";

/** One thing that happened. */
export type Happening =
  /** Somebody starts to listen, with a session of their own or a shared one. */
  | { kind: "arrived"; client: string; person: string; through: Through; session: string }
  /** They have stopped for good: whatever they had open is closed. */
  | { kind: "left"; client: string }
  /** Somebody is a member from this place of the log on. */
  | { kind: "member"; person: string; conversation: string; position: number }
  /** A stream begins: the client has seen all that it may see up to here. */
  | { kind: "opened"; client: string; epoch: number; instance: string; position: number }
  | { kind: "closed"; client: string; epoch: number; reason: string }
  /** An event that was handed to the application. */
  | ({ kind: "received"; client: string; epoch: number } & Told)
  /** A heartbeat, which tells how far a quiet stream is. */
  | { kind: "quiet"; client: string; epoch: number; position: number }
  /** The server said that it cannot tell what was missed. */
  | { kind: "gap"; client: string; epoch: number; position: number; reason: string }
  /** Before the first try to send. */
  | { kind: "sent"; client: string; person: string; conversation: string; clientId: string }
  | ({ kind: "acknowledged"; client: string; person: string; clientId: string } & Place)
  /** Another durable change was acknowledged, as of this place. */
  | { kind: "changed"; person: string; conversation: string; position: number }
  /** A try that failed. `retryable` is whether the answer said so; false also for what no server answered. */
  | { kind: "failed"; by: string; action: string; code: string; retryable: boolean; why: string }
  /** A failure that the application was told of, after all repetitions. */
  | { kind: "gave up"; by: string; action: string; code: string }
  /** Before the request that puts somebody out of a conversation. */
  | { kind: "removing"; person: string; conversation: string }
  /** Before the request by which they join again. */
  | { kind: "rejoining"; person: string; conversation: string }
  /** Before the request that ends a session. */
  | { kind: "revoking"; session: string }
  | Read
  /** What is unread, as it is kept and as it is when counted anew. */
  | { kind: "unread"; person: string; conversation: string; kept: number; recounted: number }
  /** What an instance says of somebody's presence. */
  | { kind: "seen"; person: string; instance: string; asked: number; status: string }
  /** A row of the log, read past all servers when the run is over. */
  | ({ kind: "logged"; topic: string } & Told)
  | { kind: "fault"; name: string; phase: "begins" | "ends" }
  /** All clients were current again so long after the last of these faults ended, in milliseconds. */
  | { kind: "healed"; faults: string[]; took: number }
  /** An instance ended that nobody had ended, or told of a bug in its log. */
  | { kind: "broke"; instance: string; what: string };

/** What an event tells. */
export interface Told {
  position: number;
  type: string;
  conversation?: string;
  message?: string;
  /** Of a message that was sent. */
  seq?: number;
  clientId?: string;
  author?: string;
  /** Who joined or left. */
  subject?: string;
  /** The session that has ended. */
  session?: string;
}

/** Where a message stands; the position where whoever tells it knows it. */
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
  /** When it was asked for. */
  asked: number;
  whole: boolean;
  lastSeq: number;
  messages: { message: string; seq: number; clientId: string | null }[];
}

export type Entry = Happening & { at: number };

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

  /** Milliseconds since the run began. */
  get now(): number {
    return Math.round((performance.now() - this.#began) * 10) / 10;
  }

  /** Writes down what happens now. */
  add(happening: Happening): void {
    const entry: Entry = { at: this.now, ...happening };
    this.entries.push(entry);
    this.#stream.write(`${JSON.stringify(entry)}\n`);
  }

  /** Resolves when all of it is in the file. */
  async close(): Promise<void> {
    this.#stream.end();
    if (!this.#stream.writableFinished) await finished(this.#stream);
    if (!this.#stream.closed) await once(this.#stream, "close");
  }
}
