import { OverloadedError } from "../kernel/errors.ts";
import type { LogEvent } from "./event.ts";

/** The result of one item after its batch was committed. */
export interface Appended<O> {
  outcome: O;
  /**
   * The event that the item added to the log; null if it added none, because it was rejected or already
   * stored.
   */
  event: LogEvent | null;
}

export interface BatchWriterOptions<I, O> {
  /**
   * Writes all items in one transaction and returns a result for each, in order. Called for one batch at
   * a time. Must be idempotent, because it is called again after a lost connection.
   */
  write: (items: readonly I[]) => Promise<Appended<O>[]>;
  /** Receives the committed events in log order. */
  publish: (events: readonly LogEvent[]) => void;
  /** Whether the error is a connection failure, after which the same items may be written again. */
  isTransient: (error: unknown) => boolean;
  /** Maximum number of waiting items. */
  queueLimit: number;
  /** Maximum number of items in a batch. */
  batchLimit?: number;
}

export interface BatchWriter<I, O> {
  /**
   * Resolves after COMMIT.
   *
   * @throws OverloadedError if too many items wait or the database stays unavailable
   */
  append(item: I): Promise<O>;
  /** Resolves when all items appended before this call are settled. */
  idle(): Promise<void>;
  readonly waiting: number;
}

interface Waiting<I, O> {
  item: I;
  resolve: (outcome: O) => void;
  reject: (error: unknown) => void;
}

/** A batch that is being written. */
interface Writing<I, O> {
  batch: readonly Waiting<I, O>[];
  /** Never rejects. */
  written: Promise<{ results: Appended<O>[] } | { error: unknown }>;
}

/** Maximum time that a batch waits for items that are still being read from the network, in milliseconds. */
const COLLECTING_MS = 1;
/** Time within which acknowledged senders are expected to send again, in milliseconds. */
const EXPECTATION_MS = 5;
/** A batch of this size costs more than its commit, so it does not wait for more items. */
const LARGE_BATCH = 50;
const ATTEMPTS = 3;
const RETRY_DELAY_MS = 100;

/**
 * Implements group commit: while one batch commits, the next one collects. A lone item is written
 * immediately; under load, batches grow.
 */
export function makeBatchWriter<I, O>(options: BatchWriterOptions<I, O>): BatchWriter<I, O> {
  const batchLimit = options.batchLimit ?? 1_000;
  let queue: Waiting<I, O>[] = [];
  let running: Promise<void> | null = null;
  /**
   * Number of items written or waiting when the last batch ended, and the deadline until which as many
   * are expected again.
   */
  let expected = 0;
  let expectedUntil = 0;
  let stopWaiting: (() => void) | null = null;

  const hasMostExpected = (): boolean => queue.length * 2 >= expected;

  const writeWithRetry = async (items: readonly I[]): Promise<Appended<O>[]> => {
    for (let left = ATTEMPTS - 1; ; left -= 1) {
      try {
        return await options.write(items);
      } catch (error) {
        if (!options.isTransient(error)) throw error;
        if (left === 0) throw new OverloadedError();
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
      }
    }
  };

  /** Publishes the committed events, then resolves the waiting items. */
  const settle = (batch: readonly Waiting<I, O>[], results: readonly Appended<O>[]): void => {
    const events = results
      .flatMap(({ event }) => event ?? [])
      .sort((a, b) => a.position - b.position);
    if (events.length > 0) options.publish(events);
    batch.forEach((waiting, index) => {
      const result = results[index];
      if (result === undefined)
        waiting.reject(new Error("A batch write returned fewer results than items"));
      else waiting.resolve(result.outcome);
    });
  };

  /** Writes each item alone, after the batch as a whole failed. */
  const writeEach = async (batch: readonly Waiting<I, O>[], error: unknown): Promise<void> => {
    if (batch.length === 1 || error instanceof OverloadedError) {
      for (const waiting of batch) waiting.reject(error);
      return;
    }
    // An item that the database rejects must not fail the others.
    for (const waiting of batch) {
      try {
        settle([waiting], await writeWithRetry([waiting.item]));
      } catch (error) {
        waiting.reject(error);
      }
    }
  };

  /**
   * Waits for most of the senders that were acknowledged recently. Otherwise the first few would be
   * committed alone while the others arrive, and each pair of batches would do the work of one.
   */
  const awaitExpected = async (): Promise<void> => {
    const left = expectedUntil - performance.now();
    if (left <= 0 || hasMostExpected()) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, left);
      stopWaiting = () => {
        clearTimeout(late);
        resolve();
      };
    });
    stopWaiting = null;
  };

  /**
   * Waits briefly while each event-loop turn reads more items from the network. Senders that were
   * acknowledged together send their next items together, and the first would otherwise be committed
   * alone.
   */
  const collect = async (): Promise<void> => {
    const until = performance.now() + COLLECTING_MS;
    let length: number;
    do {
      length = queue.length;
      await new Promise((resolve) => setImmediate(resolve));
    } while (queue.length > length && queue.length < batchLimit && performance.now() < until);
  };

  /** Starts to write the items that have waited longest. */
  const begin = (): Writing<I, O> => {
    const batch = queue.slice(0, batchLimit);
    queue = queue.slice(batchLimit);
    const written = writeWithRetry(batch.map(({ item }) => item)).then(
      (results) => ({ results }),
      (error: unknown) => ({ error }),
    );
    return { batch, written };
  };

  /** @param others number of items, besides the waiting ones, that were acknowledged or are being written */
  const expectItems = (others: number): void => {
    expected = others + queue.length;
    expectedUntil = performance.now() + EXPECTATION_MS;
  };

  /**
   * Settles a batch. If more than half of the expected items already wait, it starts the next batch first
   * and returns it: settling takes as long as writing, and the database works meanwhile.
   */
  const finish = async ({ batch, written }: Writing<I, O>): Promise<Writing<I, O> | null> => {
    const outcome = await written;
    if ("error" in outcome) {
      await writeEach(batch, outcome.error);
      expectItems(batch.length);
      return null;
    }
    expected = batch.length + queue.length;
    let next: Writing<I, O> | null = null;
    if (queue.length >= LARGE_BATCH && hasMostExpected()) {
      next = begin();
      // The write leaves with the next tick; settling would occupy all of the current one.
      await new Promise<void>((resolve) => {
        process.nextTick(resolve);
      });
    }
    settle(batch, outcome.results);
    expectItems(batch.length + (next?.batch.length ?? 0));
    return next;
  };

  const run = async (): Promise<void> => {
    while (queue.length > 0) {
      await awaitExpected();
      await collect();
      let writing: Writing<I, O> | null = begin();
      while (writing !== null) writing = await finish(writing);
    }
    running = null;
  };

  return {
    append: (item) =>
      new Promise<O>((resolve, reject) => {
        if (queue.length >= options.queueLimit) {
          reject(new OverloadedError());
          return;
        }
        queue.push({ item, resolve, reject });
        running ??= run();
        if (stopWaiting !== null && hasMostExpected()) stopWaiting();
      }),
    idle: async () => {
      while (running !== null) await running;
    },
    get waiting() {
      return queue.length;
    },
  };
}
