interface Waiting<Key, Value> {
  key: Key;
  resolve: (value: Value) => void;
  reject: (error: unknown) => void;
}

/** So many that ask together are a crowd, of whom more are to come. */
const CROWD = 4;
/** How long the next read waits after one for a crowd, in milliseconds. */
const CROWD_PAUSE_MS = 10;

/**
 * Makes one question of many: what is asked while a read is under way is read together, next. So a lone
 * question is read at once, a thousand at the same time take a few reads, and every read begins after it
 * was asked for. While a crowd asks, reads pause a moment: a thousand who come back within two seconds would
 * else be read by twos, and reads cost more than what they answer.
 *
 * @param read  answers for each key, in their order; when it fails, all that it was asked for fails
 * @param limit most keys of one read
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
        if (values.length !== batch.length) throw new Error("A read answered not all of its keys");
        values.forEach((value, index) => batch[index]?.resolve(value));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      if (batch.length >= CROWD && waiting.length < limit)
        await new Promise((resolve) => setTimeout(resolve, CROWD_PAUSE_MS));
    }
    isReading = false;
  };

  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      if (isReading) return;
      isReading = true;
      // Left to the next microtask, so that what one turn of the event loop asks is read together.
      void Promise.resolve().then(readAll);
    });
}
