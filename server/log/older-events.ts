import type { Position } from "../kernel/cursor.ts";
import type { EventDefinitions } from "./define-event.ts";
import type { LogStore } from "./log-store.ts";
import type { RecentEvents } from "./recent-events.ts";

/** Rows per read. */
const PAGE = 1_000;
/**
 * Maximum number of pages that one caller waits for. Some pages are read again because an event changed
 * them meanwhile.
 */
const ATTEMPTS = 32;

export interface OlderEventsOptions {
  store: LogStore;
  definitions: EventDefinitions;
  recent: RecentEvents;
  /** Maximum number of events in memory. */
  size: number;
  /** The position up to which the tail has delivered. */
  position: () => Position;
}

/**
 * Returns a function that loads older events into memory, back to `after` or further. Concurrent callers
 * share each read. Resolves with whether memory now reaches back to `after`.
 */
export function makeOlderEventsLoader(
  options: OlderEventsOptions,
): (after: Position) => Promise<boolean> {
  const { store, definitions, recent, size, position } = options;

  /** Loads the next older page into memory. Returns false if memory cannot reach back further. */
  const loadPage = async (): Promise<boolean> => {
    const { from, revision } = recent;
    const after = Math.max(0, from - PAGE);
    if (from === 0 || position() - after > size) return false;
    const rows = await store.readAll(after, from - after);
    // If older events were pruned, memory starts at the oldest remaining one.
    const begin = (rows[0]?.position ?? from + 1) - 1;
    if (begin >= from) return false;
    const older = rows.flatMap(({ position: at, event }) =>
      at <= from && event !== null && definitions.find(event.type) !== undefined ? event : [],
    );
    recent.prepend(older, begin, revision);
    return true;
  };

  let loading: Promise<boolean> | null = null;
  return async (after) => {
    for (let attempts = 0; recent.from > after && attempts < ATTEMPTS; attempts += 1) {
      loading ??= loadPage().finally(() => {
        loading = null;
      });
      if (!(await loading)) return false;
    }
    return recent.from <= after;
  };
}
