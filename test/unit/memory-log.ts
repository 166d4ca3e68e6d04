import { sessionEvents } from "../../server/domain/session/session.events.ts";
import { EventDefinitions } from "../../server/log/define-event.ts";
import type { LogEvent } from "../../server/log/event.ts";
import type { LogStore } from "../../server/log/log-store.ts";

/** The only type of event that `eventAt` makes by default. */
export const definitions = new EventDefinitions(sessionEvents);

/** The part of a log store that a tail reads, in memory and controlled by the test. */
export class MemoryLog implements LogStore {
  readonly rows: { position: number; event: LogEvent | null }[] = [];
  /** Number of calls of `readAll`. */
  reads = 0;
  /** Error of every read while it is set. */
  failure: Error | null = null;

  /** Adds the next events, from position 1 or after the last one, and returns them. */
  commit(...types: string[]): LogEvent[] {
    return types.map((type) => {
      const event = eventAt((this.rows.at(-1)?.position ?? 0) + 1, type);
      this.rows.push({ position: event.position, event });
      return event;
    });
  }

  head(): Promise<number> {
    return Promise.resolve(this.rows.at(-1)?.position ?? 0);
  }

  headIn(): Promise<number> {
    return this.head();
  }

  oldest(): Promise<number | null> {
    return Promise.resolve(this.rows[0]?.position ?? null);
  }

  async readAll(
    after: number,
    limit: number,
  ): Promise<{ position: number; event: LogEvent | null }[]> {
    this.reads += 1;
    if (this.failure !== null) throw this.failure;
    return this.rows.filter((row) => row.position > after).slice(0, limit);
  }

  readTopics(): Promise<never> {
    return Promise.reject(new Error("a tail reads no topics"));
  }

  lock(): Promise<never> {
    return Promise.reject(new Error("a tail locks nothing"));
  }

  append(): Promise<never> {
    return Promise.reject(new Error("a tail appends nothing"));
  }

  complete(): Promise<never> {
    return Promise.reject(new Error("a tail completes nothing"));
  }

  prune(): Promise<never> {
    return Promise.reject(new Error("a tail deletes nothing"));
  }
}

/** Creates an event whose session id contains its position. `type` may be unknown to this version. */
export function eventAt(position: number, type = "SESSION_ENDED"): LogEvent {
  return {
    type,
    topic: "00000000-0000-4000-8000-000000000001",
    payload: { sessionId: String(position) },
    position,
    at: new Date(0),
  };
}
