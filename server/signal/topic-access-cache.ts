import type { Log, TopicAccess } from "../log/log.ts";

/** How long topic access stays cached after its last use, in milliseconds. */
const KEEP_MS = 60_000;

/**
 * Caches the topic access of users who send signals occasionally. The cache reads it from the database once;
 * the log then keeps it current.
 */
export interface TopicAccessCache {
  of(userId: string): Promise<TopicAccess>;
  stop(): void;
}

export function makeTopicAccessCache(log: Pick<Log, "topicAccess">): TopicAccessCache {
  const kept = new Map<string, { sight: Promise<TopicAccess>; timer: NodeJS.Timeout }>();

  const drop = (userId: string): void => {
    const entry = kept.get(userId);
    if (entry === undefined) return;
    kept.delete(userId);
    clearTimeout(entry.timer);
    entry.sight.then(
      (sight) => {
        sight.release();
      },
      () => undefined,
    );
  };

  return {
    of: (userId) => {
      const known = kept.get(userId);
      if (known !== undefined) {
        known.timer.refresh();
        return known.sight;
      }
      const sight = log.topicAccess(userId);
      const timer = setTimeout(() => {
        drop(userId);
      }, KEEP_MS);
      timer.unref();
      kept.set(userId, { sight, timer });
      sight.catch(() => {
        drop(userId);
      });
      return sight;
    },
    stop: () => {
      for (const userId of [...kept.keys()]) drop(userId);
    },
  };
}
