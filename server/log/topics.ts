import type { Position } from "../kernel/cursor.ts";
import { NIL_UUID } from "../kernel/ids.ts";
import type { AuthorityChange } from "./event.ts";

/** A person with open streams on this instance, and the topics that they may see at this moment. */
export interface Subscriber<S> {
  readonly userId: string;
  readonly topics: ReadonlySet<string>;
  /** Live streams; what is still replaying is not among them. */
  readonly streams: ReadonlySet<S>;
}

interface Known<S> extends Subscriber<S> {
  readonly topics: Set<string>;
  readonly streams: Set<S>;
}

/** A person's topics at one moment of the log. */
export interface TopicSnapshot {
  position: Position;
  topics: readonly string[];
}

export interface TopicIndexOptions {
  /** Reads both from one database snapshot. */
  load: (userId: string) => Promise<TopicSnapshot>;
  /** Resolves when this instance has applied the log up to `position`. */
  reached: (position: Position) => Promise<void>;
}

const NOBODY: readonly never[] = [];

interface Entry<S> {
  subscriber: Known<S>;
  users: number;
  /** Changes heard while the snapshot was being read; null once it is in place. */
  heard: { position: Position; change: AuthorityChange }[] | null;
  ready: Promise<void>;
}

export interface TopicIndex<S> {
  /** Makes a person's topics known and keeps them current until `release`. */
  acquire(userId: string): Promise<Subscriber<S>>;
  release(userId: string): void;
  /** Lets a stream of somebody whom `acquire` answered hear events, from the next one on, until `detach` or the last `release`. */
  attach(userId: string, stream: S): void;
  detach(userId: string, stream: S): void;
  /** Applies what an event changes. Must be called for every event in order, before it is delivered. */
  apply(position: Position, change: AuthorityChange): void;
  /** Who of the people connected here may see the topic. */
  subscribersOf(topic: string): Iterable<Subscriber<S>>;
  /** Their streams. What is detached meanwhile may still be among them. */
  streamsOf(topic: string): readonly S[];
  readonly size: number;
}

/**
 * Who may see which topic, for the people connected to this instance. Fed by the log alone and in
 * its order, so it is right for each event, not merely for each subscription.
 */
export function makeTopicIndex<S>(options: TopicIndexOptions): TopicIndex<S> {
  const entries = new Map<string, Entry<S>>();
  const byTopic = new Map<string, Set<Known<S>>>();
  /** The streams of a topic in one row, which every event goes through; made again after a change. */
  const audiences = new Map<string, S[]>();

  const add = (subscriber: Known<S>, topic: string): void => {
    subscriber.topics.add(topic);
    audiences.delete(topic);
    let set = byTopic.get(topic);
    if (set === undefined) byTopic.set(topic, (set = new Set()));
    set.add(subscriber);
  };
  const remove = (subscriber: Known<S>, topic: string): void => {
    subscriber.topics.delete(topic);
    audiences.delete(topic);
    const set = byTopic.get(topic);
    set?.delete(subscriber);
    if (set?.size === 0) byTopic.delete(topic);
  };
  const applyTo = (entry: Entry<S>, change: AuthorityChange): void => {
    const { subscriber } = entry;
    for (const [userId, topic] of change.revoke ?? [])
      if (userId === subscriber.userId) remove(subscriber, topic);
    for (const [userId, topic] of change.grant ?? [])
      if (userId === subscriber.userId) add(subscriber, topic);
  };
  const forget = (userId: string, entry: Entry<S>): void => {
    if (entries.get(userId) === entry) entries.delete(userId);
    for (const topic of [...entry.subscriber.topics]) remove(entry.subscriber, topic);
  };

  const fill = async (entry: Entry<S>): Promise<void> => {
    const { position, topics } = await options.load(entry.subscriber.userId);
    await options.reached(position);
    // Released while loading: nothing may be left behind in the index.
    if (entries.get(entry.subscriber.userId) !== entry) return;
    for (const topic of [NIL_UUID, entry.subscriber.userId, ...topics])
      add(entry.subscriber, topic);
    const heard = entry.heard ?? [];
    entry.heard = null;
    for (const item of heard) if (item.position > position) applyTo(entry, item.change);
  };

  return {
    acquire: async (userId) => {
      let entry = entries.get(userId);
      if (entry === undefined) {
        const fresh: Entry<S> = {
          subscriber: { userId, topics: new Set(), streams: new Set() },
          users: 0,
          heard: [],
          ready: Promise.resolve(),
        };
        entries.set(userId, fresh);
        fresh.ready = fill(fresh).catch((error: unknown) => {
          forget(userId, fresh);
          throw error;
        });
        entry = fresh;
      }
      entry.users += 1;
      await entry.ready;
      return entry.subscriber;
    },
    release: (userId) => {
      const entry = entries.get(userId);
      if (entry === undefined) return;
      entry.users -= 1;
      if (entry.users <= 0) forget(userId, entry);
    },
    apply: (position, change) => {
      const people = new Set(
        [...(change.grant ?? []), ...(change.revoke ?? [])].map(([userId]) => userId),
      );
      for (const userId of people) {
        const entry = entries.get(userId);
        if (entry === undefined) continue;
        if (entry.heard === null) applyTo(entry, change);
        else entry.heard.push({ position, change });
      }
    },
    attach: (userId, stream) => {
      const subscriber = entries.get(userId)?.subscriber;
      if (subscriber === undefined) return;
      subscriber.streams.add(stream);
      for (const topic of subscriber.topics) audiences.delete(topic);
    },
    detach: (userId, stream) => {
      const subscriber = entries.get(userId)?.subscriber;
      if (subscriber?.streams.delete(stream) !== true) return;
      for (const topic of subscriber.topics) audiences.delete(topic);
    },
    subscribersOf: (topic) => byTopic.get(topic) ?? [],
    streamsOf: (topic) => {
      let audience = audiences.get(topic);
      if (audience === undefined) {
        const subscribers = byTopic.get(topic);
        if (subscribers === undefined) return NOBODY;
        audience = [...subscribers].flatMap(({ streams }) => [...streams]);
        audiences.set(topic, audience);
      }
      return audience;
    },
    get size() {
      return entries.size;
    },
  };
}
