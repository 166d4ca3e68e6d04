import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { PresenceRow, PresenceStore } from "./presence.store.ts";

/** Delay that collects updates into one write, in milliseconds. */
const FLUSH_MS = 2_000;
/** Longer than the delay of any write, in milliseconds: after that, the database contains the update. */
const RECENT_MS = 60_000;

/** When users were last seen. */
export interface LastSeen {
  /** Records that a user was seen until `at`, in milliseconds. If `store` is true, it is written soon. */
  note(userId: string, at: number, store: boolean): void;
  /** Users who were never seen are absent. */
  of(userIds: readonly string[]): Promise<Map<string, Date>>;
  /** Writes pending updates. Returns the affected users. */
  flush(): Promise<PresenceRow[]>;
  stop(): void;
}

export interface LastSeenOptions {
  store: PresenceStore;
  clock: Clock;
  logger: Logger;
}

export function makeLastSeen({ store, clock, logger }: LastSeenOptions): LastSeen {
  const recent = new Map<string, number>();
  let waiting = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  const prune = (): void => {
    // The oldest entries are first.
    for (const [userId, at] of recent) {
      if (clock.now() - at < RECENT_MS) return;
      recent.delete(userId);
    }
  };
  const flush = async (): Promise<PresenceRow[]> => {
    clearTimeout(timer);
    timer = undefined;
    prune();
    if (waiting.size === 0) return [];
    const rows = waiting;
    waiting = new Map();
    try {
      const stored = await store.seen(
        [...rows].map(([userId, at]) => ({ userId, at: new Date(at) })),
      );
      // The database now contains them.
      for (const [userId, at] of rows) if (recent.get(userId) === at) recent.delete(userId);
      return stored;
    } catch (error) {
      logger.warn({ err: error }, "Last-seen times could not be stored; trying again");
      for (const [userId, at] of waiting) rows.set(userId, at);
      waiting = rows;
      schedule();
      return [];
    }
  };
  const schedule = (): void => {
    timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
  };

  return {
    note: (userId, at, isToStore) => {
      recent.delete(userId);
      recent.set(userId, at);
      if (isToStore) {
        waiting.set(userId, at);
        schedule();
      } else if (recent.size % 1_000 === 0) prune();
    },
    of: async (userIds) => {
      // An update that is being written may be in neither source: not yet in the read rows, and no longer
      // in memory afterwards.
      const before = userIds.map((userId) => recent.get(userId) ?? 0);
      const rows = await store.find(userIds);
      const seen = new Map(rows.flatMap((row) => keyed(row)));
      userIds.forEach((userId, index) => {
        const at = Math.max(before[index] ?? 0, recent.get(userId) ?? 0);
        if (at > (seen.get(userId)?.getTime() ?? 0)) seen.set(userId, new Date(at));
      });
      return seen;
    },
    flush,
    stop: () => {
      clearTimeout(timer);
    },
  };
}

function keyed({ userId, lastSeenAt }: PresenceRow): [string, Date][] {
  return lastSeenAt === null ? [] : [[userId, lastSeenAt]];
}
