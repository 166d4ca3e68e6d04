import type { Bus } from "../infra/bus/bus.ts";
import type { Database, Db } from "../infra/database/database.ts";
import type { Position } from "../kernel/cursor.ts";
import { batchLoad } from "../kernel/batch-load.ts";
import type { Logger } from "../kernel/logger.ts";
import { makeBatchWriter, type BatchWriter, type BatchWriterOptions } from "./batch-writer.ts";
import { decodeBatch, encodeBatch } from "./codec.ts";
import type { LogEvent, NewEvent, PlacedEvent } from "./event.ts";
import { makeLogStore, type EventTypes } from "./log-store.ts";
import { runsOf } from "./event-run.ts";
import { makeStreamSet, type EventStream, type LiveStream, type StreamRequest } from "./stream.ts";
import { makeTail } from "./tail.ts";
import { makeTopicIndex, type TopicSnapshot } from "./topic-index.ts";
import { isTransient } from "./transient-error.ts";
import type { Unit } from "./unit.ts";

const CHANNEL = "parley:log";
const PRUNE_INTERVAL_MS = 3_600_000;
/** Maximum number of users whose topics one query loads. */
const SUBSCRIBERS_PER_SNAPSHOT = 500;
const PRUNE_PAGE = 5_000;

/** The topics that a user may see, kept current in log order until `release`. */
export interface TopicAccess {
  /** Whether the user may see the topic now. */
  sees(topic: string): boolean;
  release(): void;
}

/** The log: a single order of every durable change in the deployment. */
export interface Log {
  /**
   * Runs `work` in one transaction and publishes the appended events after COMMIT. A deadlock or a
   * serialization conflict runs `work` again, so it must have no effects outside the database.
   */
  write<T>(work: (unit: Unit) => Promise<T>): Promise<T>;
  /** Creates a queue that commits many small writes together. */
  makeBatchWriter<I, O>(
    options: Pick<BatchWriterOptions<I, O>, "write" | "queueLimit">,
  ): BatchWriter<I, O>;
  openStream(request: StreamRequest): EventStream;
  /** Opens the topic access of a user. Reads the database only if this instance does not hold it yet. */
  topicAccess(userId: string): Promise<TopicAccess>;
  /** Resolves when this instance has applied everything that the database contains now. */
  catchUp(): Promise<void>;
  /** Calls `observer` with every event in log order, before streams receive it. */
  observe(observer: (event: LogEvent) => void): void;
  /** Position of the newest event that `db` sees: a unit's transaction, or by default `database.main`. */
  head(db?: Db): Promise<Position>;
  /** All events up to this position have been delivered on this instance. */
  readonly position: Position;
  /** Number of open streams and subscribers, for metrics and leak tests. */
  counts(): { streams: number; subscribers: number };
  start(): Promise<void>;
  /** Waits for running batches, then stops following the log. */
  stop(): Promise<void>;
}

export interface LogOptions extends EventTypes {
  database: Database;
  bus: Bus;
  logger: Logger;
  /**
   * Loads the topics that users may see, as pairs of user id and topic, from the snapshot `tx`. A user's own
   * id and the topic of all users are not among them.
   */
  loadTopics: (
    tx: Db,
    userIds: readonly string[],
  ) => Promise<readonly (readonly [string, string])[]>;
  replayLimit: number;
  heartbeatMs: number;
  retentionMs: number;
  now: () => number;
}

export function makeLog(options: LogOptions): Log {
  const { database, bus, logger, definitions } = options;
  const store = makeLogStore(options);
  const observers: ((event: LogEvent) => void)[] = [];
  const batchWriters: { idle(): Promise<void> }[] = [];
  const timers: NodeJS.Timeout[] = [];

  // Concurrent callers share one snapshot, so a thousand reconnects do not take a thousand transactions.
  const loadTopics = batchLoad(
    (userIds: readonly string[]): Promise<TopicSnapshot[]> =>
      database.snapshot(async (tx) => {
        const position = await store.headIn(tx);
        const topics = new Map(userIds.map((userId): [string, string[]] => [userId, []]));
        for (const [userId, topic] of await options.loadTopics(tx, userIds))
          topics.get(userId)?.push(topic);
        return userIds.map((userId) => ({ position, topics: topics.get(userId) ?? [] }));
      }),
    SUBSCRIBERS_PER_SNAPSHOT,
  );

  const index = makeTopicIndex<LiveStream>({
    load: loadTopics,
    waitFor: (position) => tail.waitFor(position),
  });
  const tail = makeTail({
    store,
    definitions,
    logger,
    busIsHealthy: () => bus.healthy,
    deliver: (events) => {
      for (const run of runsOf(events, definitions)) {
        for (const event of run) {
          if (event.authority !== undefined) index.apply(event.position, event.authority);
          for (const observer of observers) observer(event);
        }
        streams.dispatch(run);
      }
    },
  });
  const streams = makeStreamSet({
    store,
    definitions,
    tail,
    index,
    replayLimit: options.replayLimit,
    now: () => new Date(options.now()),
  });

  const publishEvents = (events: readonly LogEvent[]): void => {
    if (events.length === 0) return;
    tail.accept(events);
    if (bus.shared) bus.publish(CHANNEL, encodeBatch(events));
  };

  /**
   * Publishes the events that a transaction appended. It reads the rows that they refer to after COMMIT,
   * without a lock on the log's head. Such a row is never older than the event, so a row that was deleted
   * at an earlier position is in no later event.
   */
  const publishAppended = async (appended: readonly PlacedEvent[]): Promise<void> => {
    let events: (LogEvent | null)[];
    try {
      events = await store.complete(appended);
    } catch (error) {
      logger.warn({ err: error }, "Events could not be announced; they are read from the database");
      return;
    }
    // If a row no longer exists, all instances read these positions from the database.
    const whole = events.flatMap((event) => event ?? []);
    if (whole.length === events.length) publishEvents(whole);
  };

  const receive = (text: string): void => {
    try {
      tail.accept(decodeBatch(text));
    } catch (error) {
      logger.error(
        { err: error },
        "An unreadable batch came over the bus; its events are read from the database",
      );
    }
  };

  const prune = async (): Promise<void> => {
    try {
      const before = new Date(options.now() - options.retentionMs);
      while ((await store.prune(before, PRUNE_PAGE)) === PRUNE_PAGE);
    } catch (error) {
      logger.warn({ err: error }, "Old events could not be deleted; trying again in an hour");
    }
  };

  return {
    write: async (work) => {
      let appended: PlacedEvent[] = [];
      const result = await database.transaction(async (tx) => {
        appended = [];
        const appendAll = async (events: readonly NewEvent[]): Promise<PlacedEvent[]> => {
          const placed = await store.append(tx, events);
          appended.push(...placed);
          return placed;
        };
        return work({
          tx,
          append: async (event) => {
            const [placed] = await appendAll([event]);
            if (placed === undefined) throw new Error(`${event.type} was not appended`);
            return placed;
          },
          appendAll,
          lockLog: () => store.lock(tx),
        });
      });
      await publishAppended(appended);
      return result;
    },
    makeBatchWriter: (own) => {
      const batchWriter = makeBatchWriter({ ...own, publish: publishEvents, isTransient });
      batchWriters.push(batchWriter);
      return batchWriter;
    },
    openStream: streams.open,
    topicAccess: async (userId) => {
      const subscriber = await index.acquire(userId);
      let held = true;
      return {
        sees: (topic) => held && subscriber.sees(topic),
        release: () => {
          if (!held) return;
          held = false;
          index.release(userId);
        },
      };
    },
    catchUp: tail.catchUp,
    observe: (observer) => {
      observers.push(observer);
    },
    head: (db = database.main) => store.headIn(db),
    get position() {
      return tail.position;
    },
    counts: () => ({ streams: streams.size, subscribers: index.size }),
    start: async () => {
      // Subscribe first, then read the head: in the other order, a batch could be missed.
      if (bus.shared) await bus.subscribe(CHANNEL, receive);
      await tail.start();
      const heartbeat = setInterval(streams.heartbeat, options.heartbeatMs);
      const pruning = setInterval(() => void prune(), PRUNE_INTERVAL_MS);
      for (const timer of [heartbeat, pruning]) timer.unref();
      timers.push(heartbeat, pruning);
    },
    stop: async () => {
      await Promise.all(batchWriters.map((batchWriter) => batchWriter.idle()));
      for (const timer of timers) clearInterval(timer);
      tail.stop();
    },
  };
}
