import type { Position } from "../kernel/cursor.ts";
import { NIL_UUID } from "../kernel/ids.ts";
import type { EventDefinition, EventDefinitions, Restriction } from "./define-event.ts";
import type { LogEvent } from "./event.ts";

/** The latest events of the log, kept in memory for streams that are about to go live. */
export interface RecentEvents {
  /** Adds the next event and changes earlier events as its definition says. */
  add(event: LogEvent): void;
  /** Removes the oldest events if there are far more than `size`. */
  trim(): void;
  /** Removes all events. The caller then adds all events after `position`. */
  restart(position: Position): void;
  /** Returns the events after `after`; null if some of them are not in memory. */
  after(after: Position): readonly LogEvent[] | null;
  /** All events after this position are in memory. */
  readonly from: Position;
  /** Increases with each change that makes events from an earlier read outdated. */
  readonly revision: number;
  /**
   * Inserts older events, those after `after` up to `from`. No effect unless `revision`, as it was during
   * the read, is still current.
   */
  prepend(older: readonly LogEvent[], after: Position, revision: number): void;
}

/** @param size number of events to keep; holds up to twice as many, so that trimming is rare */
export function makeRecentEvents(size: number, definitions: EventDefinitions): RecentEvents {
  let events: LogEvent[] = [];
  /** All events after this position are in `events`, except those of unknown types and deleted rows. */
  let from: Position = 0;
  let revision = 0;

  // Revisions are rare, so a pass over all events costs less than an index.
  const reviseAll = (definition: EventDefinition, event: LogEvent): void => {
    const { revision: change, restriction } = definition;
    if (restriction !== null) {
      const topic = restriction.topicOf(event.payload);
      events = events.map((earlier) => restricted(earlier, restriction, topic));
    }
    if (change === "RELOAD") {
      events = [];
      from = event.position - 1;
    } else if (change !== null) {
      const revised: LogEvent[] = [];
      for (const earlier of events) {
        const after = change.revise(earlier, event);
        if (after !== null) revised.push(after);
      }
      events = revised;
    }
  };

  return {
    add: (event) => {
      const definition = definitions.of(event);
      if (definition.revision !== null || definition.restriction !== null) {
        revision += 1;
        reviseAll(definition, event);
      }
      events.push(event);
    },
    trim: () => {
      if (events.length <= 2 * size) return;
      // The last removed event; no position after it is missing.
      from = events.at(-size - 1)?.position ?? from;
      events = events.slice(-size);
      revision += 1;
    },
    restart: (position) => {
      events = [];
      from = position;
      revision += 1;
    },
    get from() {
      return from;
    },
    get revision() {
      return revision;
    },
    prepend: (older, after, readAt) => {
      if (readAt !== revision) return;
      events = [...older, ...events];
      from = after;
      revision += 1;
    },
    after: (after) => {
      if (after < from) return null;
      let low = 0;
      let high = events.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((events[middle]?.position ?? 0) > after) high = middle;
        else low = middle + 1;
      }
      return events.slice(low);
    },
  };
}

/** The event for the subscribers of `topic` only, if the restriction includes it. */
function restricted(
  event: LogEvent,
  { events, path }: Restriction<object>,
  topic: string,
): LogEvent {
  if (event.topic !== NIL_UUID || !events.some(({ type }) => type === event.type)) return event;
  return valueAt(event.payload, path) === topic ? { ...event, topic } : event;
}

function valueAt(payload: object, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, field) =>
      typeof value === "object" && value !== null
        ? (value as Record<string, unknown>)[field]
        : undefined,
    payload,
  );
}
