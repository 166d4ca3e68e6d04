import type { History, Through } from "./history.ts";
import { positionOf, observedFrom, type WireEvent } from "./wire.ts";
import type { ParleyEvent } from "../../sdk/src/index.ts";

export interface ClientRecorderOptions {
  history: History;
  /** The client's name. */
  name: string;
  /** The user's id. */
  person: string;
  /** The session's id. */
  session: string;
  through: Through;
}

/** Records the events of one client when the application receives them. */
export class ClientRecorder {
  readonly name: string;
  readonly person: string;
  /** Cursor at which the next stream must resume. */
  cursor: string | undefined;
  readonly #history: History;
  #position = -1;
  #epoch = 0;
  #isOpen = false;
  #waiting: { position: number; resolve: () => void }[] = [];

  constructor({ history, name, person, session, through }: ClientRecorderOptions) {
    this.name = name;
    this.person = person;
    this.#history = history;
    history.add({ kind: "arrived", client: name, person, session, through });
  }

  /** Records that a stream opened, at the client's cursor or a given one. */
  opens(instance: string, cursor = this.cursor): void {
    if (cursor === undefined) throw new Error(`${this.name} has no cursor`);
    this.closes("replaced");
    this.#epoch += 1;
    this.#isOpen = true;
    const position = positionOf(cursor);
    this.#add("opened", { instance, position });
    this.#moveTo(cursor);
  }

  receives(event: WireEvent | ParleyEvent): void {
    const position = positionOf(event.cursor);
    if (event.__typename === "Heartbeat") this.#add("quiet", { position });
    else if (event.__typename === "EventGap") {
      this.#add("gap", { position, reason: event.reason ?? "unknown" });
    } else this.#add("received", observedFrom(event));
    this.#moveTo(event.cursor);
  }

  closes(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#add("closed", { reason });
  }

  leaves(): void {
    this.closes("left");
    this.#history.add({ kind: "left", client: this.name });
  }

  /** Resolves when the client has received everything up to a position. */
  reaches(position: number): Promise<void> {
    if (this.#position >= position) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ position, resolve }));
  }

  #moveTo(cursor: string): void {
    this.cursor = cursor;
    this.#position = positionOf(cursor);
    const arrived = this.#waiting.filter(({ position }) => position <= this.#position);
    this.#waiting = this.#waiting.filter(({ position }) => position > this.#position);
    for (const { resolve } of arrived) resolve();
  }

  #add(kind: "opened" | "quiet" | "gap" | "received" | "closed", rest: object): void {
    const entry = { kind, client: this.name, epoch: this.#epoch, ...rest };
    this.#history.add(entry as Parameters<History["add"]>[0]);
  }
}
