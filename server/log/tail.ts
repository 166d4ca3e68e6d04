import type { Position } from "../kernel/cursor.ts";
import type { Logger } from "../kernel/logger.ts";
import type { EventDefinitions } from "./define-event.ts";
import type { LogEvent } from "./event.ts";
import type { LogStore } from "./log-store.ts";
import { makeOlderEventsLoader } from "./older-events.ts";
import { makePositionWaiters } from "./position-waiters.ts";
import { makeRecentEvents } from "./recent-events.ts";

/**
 * How long the tail waits for a missing position from the bus before it reads the database, in
 * milliseconds.
 */
const GAP_TIMEOUT_MS = 30;
/**
 * Silence on the bus after which the tail reads the head, in milliseconds. Events that the bus lost are
 * thus delivered within a second.
 */
const IDLE_MS = 800;
/** The same while the bus is down. */
const POLL_MS = 200;
/** Rows per read while catching up. */
const PAGE = 1_000;
/** Events kept in memory for streams that are about to go live. */
const RECENT = 8_192;
/** Batches kept while an earlier position is missing; more are dropped and read from the database later. */
const PENDING_BATCHES = 1_000;
/** Maximum time that a caller waits for a position that is known to exist, in milliseconds. */
const WAIT_LIMIT_MS = 5_000;

export interface Tail {
  /** All events up to this position have been delivered. */
  readonly position: Position;
  /** Receives committed, contiguous events in order. */
  accept(batch: readonly LogEvent[]): void;
  /** Returns the events after `after`, or null if memory does not contain all of them. */
  recentAfter(after: Position): readonly LogEvent[] | null;
  /**
   * Loads older events into memory, back to `after` or further, unless that is too many. One load serves
   * all clients that resume after a restart. Returns whether memory now reaches back to `after`.
   */
  loadOlder(after: Position): Promise<boolean>;
  /** Resolves when `position` has been delivered; rejects after five seconds. */
  waitFor(position: Position): Promise<void>;
  /** Reads everything that the database contains beyond `position`. */
  catchUp(): Promise<void>;
  start(): Promise<void>;
  stop(): void;
}

export interface TailOptions {
  definitions: EventDefinitions;
  store: LogStore;
  logger: Logger;
  busIsHealthy: () => boolean;
  /**
   * Called with each event once and in log order; events that arrive together are passed together. Must
   * not throw or wait.
   */
  deliver: (events: readonly LogEvent[]) => void;
}

/**
 * Follows the log: takes events from the bus, reads missing ones from the database, and delivers each
 * exactly once in the order of positions.
 */
export function makeTail(options: TailOptions): Tail {
  const { store, definitions, logger, deliver } = options;
  let position: Position = 0;
  let lastUpdateAt = Date.now();
  let stopped = false;
  let repair: Promise<void> | null = null;
  let failing = false;
  let gapTimer: NodeJS.Timeout | undefined;
  let pollTimer: NodeJS.Timeout | undefined;
  const pending = new Map<Position, readonly LogEvent[]>();
  const recent = makeRecentEvents(RECENT, definitions);
  const waiters = makePositionWaiters(WAIT_LIMIT_MS);
  const loadOlder = makeOlderEventsLoader({
    store,
    definitions,
    recent,
    size: RECENT,
    position: () => position,
  });

  /** Delivers `next`, except events already delivered or beyond a gap. */
  const deliverNext = (next: readonly { position: Position; event: LogEvent | null }[]): void => {
    const events: LogEvent[] = [];
    for (const { position: at, event } of next) {
      if (at !== position + 1) continue;
      position = at;
      if (event === null || definitions.find(event.type) === undefined) continue;
      recent.add(event);
      events.push(event);
    }
    if (events.length > 0) deliver(events);
  };

  const settle = (): void => {
    recent.trim();
    waiters.settle(position);
  };

  const take = (batch: readonly LogEvent[]): void => {
    deliverNext(batch.map((event) => ({ position: event.position, event })));
  };

  const takePending = (): void => {
    let progress = true;
    while (progress) {
      progress = false;
      for (const [first, batch] of pending) {
        if (first > position + 1) continue;
        pending.delete(first);
        take(batch);
        progress = true;
      }
    }
  };

  const readMissing = async (): Promise<void> => {
    for (;;) {
      const rows = await store.readAll(position, PAGE);
      lastUpdateAt = Date.now();
      // The bus may have delivered some of these rows meanwhile; `deliverNext` skips them.
      deliverNext(rows);
      const head = rows.at(-1)?.position ?? position;
      if (head > position && rows[0] !== undefined && rows[0].position > position + 1) {
        // Rows below this one were pruned and cannot be delivered, so the tail continues after them.
        position = rows[0].position - 1;
        recent.restart(position);
        continue;
      }
      takePending();
      settle();
      if (rows.length < PAGE || stopped) return;
    }
  };

  const catchUp = (): Promise<void> => {
    repair ??= readMissing()
      .then(() => {
        if (failing) logger.info({ position }, "Following the log again");
        failing = false;
      })
      .finally(() => {
        repair = null;
        if (pending.size > 0) awaitGap();
      });
    return repair;
  };

  const tryCatchUp = async (): Promise<void> => {
    try {
      await catchUp();
    } catch (error) {
      if (!failing)
        logger.warn({ err: error }, "The log cannot be read; trying again until it can");
      failing = true;
    }
  };

  const awaitGap = (): void => {
    if (gapTimer !== undefined || stopped) return;
    gapTimer = setTimeout(() => {
      gapTimer = undefined;
      if (pending.size > 0 && !stopped) void tryCatchUp();
    }, GAP_TIMEOUT_MS);
  };

  const poll = async (): Promise<void> => {
    const healthy = options.busIsHealthy();
    if (!healthy || Date.now() - lastUpdateAt >= IDLE_MS) await tryCatchUp();
    schedulePoll();
  };
  const schedulePoll = (): void => {
    if (stopped) return;
    const left = lastUpdateAt + IDLE_MS - Date.now();
    // Checks twice as often as necessary, because the bus may go down meanwhile.
    const whileHealthy = left > 0 ? Math.min(left, IDLE_MS / 2) : IDLE_MS / 2;
    pollTimer = setTimeout(() => void poll(), options.busIsHealthy() ? whileHealthy : POLL_MS);
  };

  return {
    get position() {
      return position;
    },
    accept: (batch) => {
      const first = batch[0];
      const last = batch.at(-1);
      if (first === undefined || last === undefined || last.position <= position) return;
      lastUpdateAt = Date.now();
      if (first.position <= position + 1) {
        take(batch);
        if (pending.size > 0) takePending();
        settle();
        return;
      }
      if (pending.size >= PENDING_BATCHES) pending.clear();
      pending.set(first.position, batch);
      awaitGap();
    },
    recentAfter: recent.after,
    loadOlder,
    waitFor: async (wanted) => {
      if (wanted <= position) return;
      const arrival = waiters.wait(wanted, () => position);
      void tryCatchUp();
      await arrival;
    },
    catchUp,
    start: async () => {
      position = await store.head();
      recent.restart(position);
      lastUpdateAt = Date.now();
      schedulePoll();
    },
    stop: () => {
      stopped = true;
      clearTimeout(gapTimer);
      clearTimeout(pollTimer);
    },
  };
}
