import { OverloadedError } from "../kernel/errors.ts";
import type { LogEvent } from "./event.ts";

/** What became of one item of a batch once it is committed. */
export interface Appended<O> {
  outcome: O;
  /** The event that it added to the log; null when it added none (refused, or there already). */
  event: LogEvent | null;
}

export interface BatchWriterOptions<I, O> {
  /**
   * Writes all items in one transaction and answers for each, in the order of the items. Called for
   * one batch at a time. Must be idempotent: after a lost connection it is called again.
   */
  write: (items: readonly I[]) => Promise<Appended<O>[]>;
  /** Receives the committed events in the order of the log. */
  announce: (events: readonly LogEvent[]) => void;
  /** Whether the failure is one of the connection, after which the same items may be written again. */
  isTransient: (error: unknown) => boolean;
  /** Most items that may wait. */
  queueLimit: number;
  /** Most items in one batch. */
  batchLimit?: number;
}

export interface BatchWriter<I, O> {
  /**
   * Resolves after COMMIT.
   *
   * @throws OverloadedError when too many items wait or the database stays away
   */
  append(item: I): Promise<O>;
  /** Resolves when all that was appended so far is decided. */
  idle(): Promise<void>;
  readonly waiting: number;
}

interface Waiting<I, O> {
  item: I;
  resolve: (outcome: O) => void;
  reject: (error: unknown) => void;
}

/** A batch on its way. */
interface Writing<I, O> {
  batch: readonly Waiting<I, O>[];
  /** Never rejects. */
  written: Promise<{ results: Appended<O>[] } | { error: unknown }>;
}

/** Longest that a batch waits for what is being read, in milliseconds. */
const COLLECTING_MS = 1;
/** How long those who were acknowledged are expected to send again at once, in milliseconds. */
const RETURNING_MS = 5;
/** So many are a batch that costs more than the commit: they need not wait for others to share it with. */
const LARGE_BATCH = 50;
const ATTEMPTS = 3;
const RETRY_DELAY_MS = 100;

/**
 * Group commit: while one batch commits, the next collects. A lone item leaves at once; under load
 * the batch grows by itself.
 */
export function makeBatchWriter<I, O>(options: BatchWriterOptions<I, O>): BatchWriter<I, O> {
  const batchLimit = options.batchLimit ?? 1_000;
  let queue: Waiting<I, O>[] = [];
  let running: Promise<void> | null = null;
  /** How many were written or waiting when the last batch ended, and until when so many are expected. */
  let crowd = 0;
  let expectedUntil = 0;
  let enough: (() => void) | null = null;

  const isMostOfThem = (): boolean => queue.length * 2 >= crowd;

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

  /** Tells what was committed, the log first and then those who wait. */
  const settle = (batch: readonly Waiting<I, O>[], results: readonly Appended<O>[]): void => {
    const events = results
      .flatMap(({ event }) => event ?? [])
      .sort((a, b) => a.position - b.position);
    if (events.length > 0) options.announce(events);
    batch.forEach((waiting, index) => {
      const result = results[index];
      if (result === undefined)
        waiting.reject(new Error("A batch answered fewer items than it was given"));
      else waiting.resolve(result.outcome);
    });
  };

  /** Decides a batch that could not be written as a whole. */
  const decideEach = async (batch: readonly Waiting<I, O>[], error: unknown): Promise<void> => {
    if (batch.length === 1 || error instanceof OverloadedError) {
      for (const waiting of batch) waiting.reject(error);
      return;
    }
    // One item that the database refuses must not take the others with it.
    for (const waiting of batch) {
      try {
        settle([waiting], await writeWithRetry([waiting.item]));
      } catch (error) {
        waiting.reject(error);
      }
    }
  };

  /**
   * Lets most of those come back who wrote just now. The few that are there first would else be committed by
   * themselves while the others arrive, and so on in turn, at the price of two batches for one.
   */
  const awaitMost = async (): Promise<void> => {
    const left = expectedUntil - performance.now();
    if (left <= 0 || isMostOfThem()) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, left);
      enough = () => {
        clearTimeout(late);
        resolve();
      };
    });
    enough = null;
  };

  /**
   * Lets all that has come over the network be read: those who were acknowledged together send their next
   * together, and the first of them would else be committed alone. While more comes with each turn of the
   * event loop, the batch waits for it, for a moment.
   */
  const collect = async (): Promise<void> => {
    const until = performance.now() + COLLECTING_MS;
    let length: number;
    do {
      length = queue.length;
      await new Promise((resolve) => setImmediate(resolve));
    } while (queue.length > length && queue.length < batchLimit && performance.now() < until);
  };

  /** Begins to write those who have waited longest. */
  const begin = (): Writing<I, O> => {
    const batch = queue.slice(0, batchLimit);
    queue = queue.slice(batchLimit);
    const written = writeWithRetry(batch.map(({ item }) => item)).then(
      (results) => ({ results }),
      (error: unknown) => ({ error }),
    );
    return { batch, written };
  };

  /** @param others how many have been told or are on their way, besides those who wait */
  const expectBack = (others: number): void => {
    crowd = others + queue.length;
    expectedUntil = performance.now() + RETURNING_MS;
  };

  /**
   * Decides a batch. Where many others wait already, and most, they are begun to be written before this one is
   * told of: the database works meanwhile, and telling takes as long as writing. Answers them.
   */
  const finish = async ({ batch, written }: Writing<I, O>): Promise<Writing<I, O> | null> => {
    const outcome = await written;
    if ("error" in outcome) {
      await decideEach(batch, outcome.error);
      expectBack(batch.length);
      return null;
    }
    crowd = batch.length + queue.length;
    let next: Writing<I, O> | null = null;
    if (queue.length >= LARGE_BATCH && isMostOfThem()) {
      next = begin();
      // It leaves with the next tick of Node's, and telling takes all of this one.
      await new Promise<void>((resolve) => {
        process.nextTick(resolve);
      });
    }
    settle(batch, outcome.results);
    expectBack(batch.length + (next?.batch.length ?? 0));
    return next;
  };

  const run = async (): Promise<void> => {
    while (queue.length > 0) {
      await awaitMost();
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
        if (enough !== null && isMostOfThem()) enough();
      }),
    idle: async () => {
      while (running !== null) await running;
    },
    get waiting() {
      return queue.length;
    },
  };
}
