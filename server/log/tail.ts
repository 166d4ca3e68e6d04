import type { Position } from "../kernel/cursor.ts";
import type { Logger } from "../kernel/logger.ts";
import { isEventType } from "./codec.ts";
import type { LogEvent } from "./event.ts";
import type { LogStore } from "./log-store.ts";
import { makeRecentEvents } from "./recent-events.ts";

/** How long a missing position may be awaited from the bus before it is read, in milliseconds. */
const GAP_PATIENCE_MS = 30;
/**
 * How long nothing may be heard before the head is asked for, in milliseconds: with the asking, what a bus
 * has lost without a word is told within a second.
 */
const IDLE_MS = 800;
/** The same while the bus is down. */
const POLL_MS = 200;
/** Rows read at once when catching up. */
const PAGE = 1_000;
/** Events kept in memory for streams that are about to go live. */
const RECENT = 8_192;
/** Pages that one caller waits for at most: some may have to be read again, for something changed meanwhile. */
const REMEMBER_TRIES = 32;
/** Batches kept while an earlier position is missing; beyond, they are read again instead. */
const PENDING_BATCHES = 1_000;
/** Longest that a caller waits for a position that is known to exist, in milliseconds. */
const WAIT_LIMIT_MS = 5_000;

export interface Tail {
  /** Everything up to here has been delivered. */
  readonly position: Position;
  /** Hands over events that are committed, contiguous and in order. */
  accept(batch: readonly LogEvent[]): void;
  /** The events after `after` if all of them are still in memory, else null. */
  recentAfter(after: Position): readonly LogEvent[] | null;
  /**
   * Reads what is not in memory, because this instance was not there yet, back to `after` or further, if
   * that is not too far back for it: once for all who come back after a restart. Answers whether it is
   * there now.
   */
  loadOlder(after: Position): Promise<boolean>;
  /** Resolves when `position` has been delivered; rejects when that takes more than five seconds. */
  reached(position: Position): Promise<void>;
  /** Reads whatever the database has beyond `position` now. */
  catchUp(): Promise<void>;
  start(): Promise<void>;
  stop(): void;
}

export interface TailOptions {
  store: LogStore;
  logger: Logger;
  busIsHealthy: () => boolean;
  /**
   * Called with each event once and in the order of the log, with those together that come together. Must
   * not throw and must not wait.
   */
  deliver: (events: readonly LogEvent[]) => void;
}

/**
 * Follows the log: takes events from whoever is fast and the database for whatever is missing, and
 * delivers each exactly once, in the order of positions.
 */
export function makeTail(options: TailOptions): Tail {
  const { store, logger, deliver } = options;
  let position: Position = 0;
  let lastHeard = Date.now();
  let stopped = false;
  let repair: Promise<void> | null = null;
  let failing = false;
  let gapTimer: NodeJS.Timeout | undefined;
  let pollTimer: NodeJS.Timeout | undefined;
  const pending = new Map<Position, readonly LogEvent[]>();
  const recent = makeRecentEvents(RECENT);
  const waiters = new Set<{ position: Position; resolve: () => void }>();

  /** Goes on to `next`, and past what is there already or comes too early. */
  const step = (next: readonly { position: Position; event: LogEvent | null }[]): void => {
    const events: LogEvent[] = [];
    for (const { position: at, event } of next) {
      if (at !== position + 1) continue;
      position = at;
      if (event === null || !isEventType(event.type)) continue;
      recent.add(event);
      events.push(event);
    }
    if (events.length > 0) deliver(events);
  };

  const settle = (): void => {
    recent.trim();
    for (const waiter of waiters) {
      if (waiter.position > position) continue;
      waiters.delete(waiter);
      waiter.resolve();
    }
  };

  const take = (batch: readonly LogEvent[]): void => {
    step(batch.map((event) => ({ position: event.position, event })));
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
      lastHeard = Date.now();
      // Meanwhile the bus may have brought some of them; what is there already is passed over.
      step(rows);
      const head = rows.at(-1)?.position ?? position;
      if (head > position && rows[0] !== undefined && rows[0].position > position + 1) {
        // Rows were pruned below us: nothing can be shown of them, so go on behind.
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
        if (failing) logger.info({ position }, "The log can be followed again");
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

  /** Reads the next older page into memory. Answers false when there is nothing that can be kept. */
  const readOlder = async (): Promise<boolean> => {
    const { from, revision } = recent;
    const after = Math.max(0, from - PAGE);
    if (from === 0 || position - after > RECENT) return false;
    const rows = await store.readAll(after, from - after);
    // Where older ones are no longer kept, it reaches back to where they begin.
    const begin = (rows[0]?.position ?? from + 1) - 1;
    if (begin >= from) return false;
    const older = rows.flatMap(({ position: at, event }) =>
      at <= from && event !== null && isEventType(event.type) ? event : [],
    );
    recent.prepend(older, begin, revision);
    return true;
  };
  let remembering: Promise<boolean> | null = null;
  const loadOlder = async (after: Position): Promise<boolean> => {
    for (let tries = 0; recent.from > after && tries < REMEMBER_TRIES; tries += 1) {
      remembering ??= readOlder().finally(() => {
        remembering = null;
      });
      if (!(await remembering)) return false;
    }
    return recent.from <= after;
  };

  const awaitGap = (): void => {
    if (gapTimer !== undefined || stopped) return;
    gapTimer = setTimeout(() => {
      gapTimer = undefined;
      if (pending.size > 0 && !stopped) void tryCatchUp();
    }, GAP_PATIENCE_MS);
  };

  const poll = async (): Promise<void> => {
    const healthy = options.busIsHealthy();
    if (!healthy || Date.now() - lastHeard >= IDLE_MS) await tryCatchUp();
    schedulePoll();
  };
  const schedulePoll = (): void => {
    if (stopped) return;
    const left = lastHeard + IDLE_MS - Date.now();
    // Twice as often as necessary, for the bus may go down meanwhile.
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
      lastHeard = Date.now();
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
    loadOlder: loadOlder,
    reached: async (wanted) => {
      if (wanted <= position) return;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          reject(
            new Error(
              `Position ${String(wanted)} was not reached; the log stands at ${String(position)}`,
            ),
          );
        }, WAIT_LIMIT_MS);
      });
      const waiter = { position: wanted, resolve: (): void => undefined };
      const arrival = new Promise<void>((resolve) => {
        waiter.resolve = resolve;
        waiters.add(waiter);
      });
      void tryCatchUp();
      try {
        await Promise.race([arrival, late]);
      } finally {
        clearTimeout(timer);
        waiters.delete(waiter);
      }
    },
    catchUp,
    start: async () => {
      position = await store.head();
      recent.restart(position);
      lastHeard = Date.now();
      schedulePoll();
    },
    stop: () => {
      stopped = true;
      clearTimeout(gapTimer);
      clearTimeout(pollTimer);
    },
  };
}
