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
  const kept = new Map<string, { access: Promise<TopicAccess>; timer: NodeJS.Timeout }>();

  const drop = (userId: string): void => {
    const entry = kept.get(userId);
    if (entry === undefined) return;
    kept.delete(userId);
    clearTimeout(entry.timer);
    entry.access.then(
      (access) => {
        access.release();
      },
      () => undefined,
    );
  };

  return {
    of: (userId) => {
      const known = kept.get(userId);
      if (known !== undefined) {
        known.timer.refresh();
        return known.access;
      }
      const access = log.topicAccess(userId);
      const timer = setTimeout(() => {
        drop(userId);
      }, KEEP_MS);
      timer.unref();
      kept.set(userId, { access, timer });
      access.catch(() => {
        drop(userId);
      });
      return access;
    },
    stop: () => {
      for (const userId of [...kept.keys()]) drop(userId);
    },
  };
}
