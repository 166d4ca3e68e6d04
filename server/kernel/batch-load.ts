interface Waiting<Key, Value> {
  key: Key;
  resolve: (value: Value) => void;
  reject: (error: unknown) => void;
}

/** Number of concurrent callers from which more are expected to follow. */
const LARGE_BATCH = 4;
/** Delay before the next read after a large batch, in milliseconds. */
const LARGE_BATCH_PAUSE_MS = 10;

/**
 * Combines many single reads into batches. Keys requested during a read form the next batch. A lone key
 * is read immediately, a thousand concurrent keys take a few reads, and every read starts after its keys
 * were requested. After a large batch, reads pause briefly: otherwise a thousand clients that resume within
 * two seconds would be read two at a time, and a read costs more than its rows.
 *
 * @param read returns a value for each key, in order; if it rejects, all its keys reject
 * @param limit maximum number of keys in one read
 */
export function batchLoad<Key, Value>(
  read: (keys: readonly Key[]) => Promise<readonly Value[]>,
  limit: number,
): (key: Key) => Promise<Value> {
  const waiting: Waiting<Key, Value>[] = [];
  let isReading = false;

  const readAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, limit);
      try {
        const values = await read(batch.map(({ key }) => key));
        if (values.length !== batch.length)
          throw new Error("A batch read returned fewer values than keys");
        values.forEach((value, index) => batch[index]?.resolve(value));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      if (batch.length >= LARGE_BATCH && waiting.length < limit)
        await new Promise((resolve) => setTimeout(resolve, LARGE_BATCH_PAUSE_MS));
    }
    isReading = false;
  };

  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      if (isReading) return;
      isReading = true;
      // Deferred to the next microtask, so that all keys of one event-loop turn share a read.
      void Promise.resolve().then(readAll);
    });
}
