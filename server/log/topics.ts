import type { Position } from "../kernel/cursor.ts";
import { NIL_UUID } from "../kernel/ids.ts";
import type { AuthorityChange } from "./event.ts";

/** A person with open streams on this instance, and the topics that they may see at this moment. */
export interface Subscriber<S> {
  readonly userId: string;
  readonly topics: Set<string>;
  /** Live streams; what is still replaying is not among them. */
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

interface Entry<S> {
  subscriber: Subscriber<S>;
  users: number;
  /** Changes heard while the snapshot was being read; null once it is in place. */
  heard: { position: Position; change: AuthorityChange }[] | null;
  ready: Promise<void>;
}

export interface TopicIndex<S> {
  /** Makes a person's topics known and keeps them current until `release`. */
  acquire(userId: string): Promise<Subscriber<S>>;
  release(userId: string): void;
  /** Applies what an event changes. Must be called for every event in order, before it is delivered. */
  apply(position: Position, change: AuthorityChange): void;
  /** Who of the people connected here may see the topic. */
  subscribersOf(topic: string): Iterable<Subscriber<S>>;
  readonly size: number;
}

/**
 * Who may see which topic, for the people connected to this instance. Fed by the log alone and in
 * its order, so it is right for each event, not merely for each subscription.
 */
export function makeTopicIndex<S>(options: TopicIndexOptions): TopicIndex<S> {
  const entries = new Map<string, Entry<S>>();
  const byTopic = new Map<string, Set<Subscriber<S>>>();

  const add = (subscriber: Subscriber<S>, topic: string): void => {
    subscriber.topics.add(topic);
    let set = byTopic.get(topic);
    if (set === undefined) byTopic.set(topic, (set = new Set()));
    set.add(subscriber);
  };
  const remove = (subscriber: Subscriber<S>, topic: string): void => {
    subscriber.topics.delete(topic);
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
    subscribersOf: (topic) => byTopic.get(topic) ?? [],
    get size() {
      return entries.size;
    },
  };
}
