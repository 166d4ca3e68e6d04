import type { Position } from "../kernel/cursor.ts";
import { EMPTY_LIST, toOneOrMany, toList, type OneOrMany } from "../kernel/one-or-many.ts";
import { NIL_UUID } from "../kernel/ids.ts";
import type { AuthorityChange } from "./event.ts";

/** A user with open streams on this instance, and the topics that the user may see now. */
export interface Subscriber<S> {
  readonly userId: string;
  readonly topics: Iterable<string>;
  sees(topic: string): boolean;
  /** Live streams; streams that still replay are not included. */
  readonly streams: readonly S[];
}

/** A user's topics at one position of the log. */
export interface TopicSnapshot {
  position: Position;
  topics: readonly string[];
}

export interface TopicIndexOptions {
  /** Reads position and topics from one database snapshot. */
  load: (userId: string) => Promise<TopicSnapshot>;
  /** Resolves when this instance has applied the log up to `position`. */
  waitFor: (position: Position) => Promise<void>;
}

/** Up to this many topics are kept in an array and searched linearly; a set takes twice the memory. */
const FEW_TOPICS = 8;

/** The state of one subscriber. There are very many, so each is small. */
class SubscriberState<S> implements Subscriber<S> {
  readonly userId: string;
  holders = 0;
  #topics: readonly string[] | Set<string> = EMPTY_LIST;
  #streams: OneOrMany<S> = EMPTY_LIST;
  /** Changes that arrived while the snapshot was being read; null after it is applied. */
  pendingChanges: { position: Position; change: AuthorityChange }[] | null = [];
  /** Set until the snapshot is applied. */
  ready: Promise<void> | null = null;

  constructor(userId: string) {
    this.userId = userId;
  }

  get topics(): Iterable<string> {
    return this.#topics;
  }

  sees(topic: string): boolean {
    return this.#topics instanceof Set ? this.#topics.has(topic) : this.#topics.includes(topic);
  }

  add(topic: string): void {
    const topics = this.#topics;
    if (topics instanceof Set) topics.add(topic);
    else if (topics.includes(topic)) return;
    else if (topics.length >= FEW_TOPICS) this.#topics = new Set(topics).add(topic);
    // Uses `concat`, because `push` would reserve room for sixteen more.
    else this.#topics = topics.concat([topic]);
  }

  remove(topic: string): void {
    if (this.#topics instanceof Set) this.#topics.delete(topic);
    else this.#topics = this.#topics.filter((other) => other !== topic);
  }

  get streams(): readonly S[] {
    return toList(this.#streams);
  }

  set streams(streams: readonly S[]) {
    this.#streams = toOneOrMany(streams);
  }
}

/** The connected users who may see a topic. Only a topic that has or had several of them gets an audience. */
class Audience<S> {
  /** All members except the first reference this string, so that it is stored once. */
  readonly topic: string;
  readonly #members: Set<SubscriberState<S>>;
  /** All their streams in one array, rebuilt after a change, because every event iterates over it. */
  #streams: readonly S[] | null = null;

  constructor(topic: string, first: SubscriberState<S>) {
    this.topic = topic;
    this.#members = new Set([first]);
  }

  add(member: SubscriberState<S>): void {
    this.#streams = null;
    this.#members.add(member);
  }

  remove(member: SubscriberState<S>): void {
    this.#streams = null;
    this.#members.delete(member);
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  get members(): Iterable<SubscriberState<S>> {
    return this.#members;
  }

  get streams(): readonly S[] {
    return (this.#streams ??= [...this.#members].flatMap(({ streams }) => streams));
  }

  /** Must be called when the streams of a member have changed. */
  forgetStreams(): void {
    this.#streams = null;
  }
}

export interface TopicIndex<S> {
  /** Loads a user's topics and keeps them current until `release`. */
  acquire(userId: string): Promise<Subscriber<S>>;
  release(userId: string): void;
  /**
   * Attaches a stream of an acquired user. It receives events from the next one on, until `detach` or the
   * last `release`.
   */
  attach(userId: string, stream: S): void;
  detach(userId: string, stream: S): void;
  /** Applies an authority change. Must be called for every event in order, before the event is delivered. */
  apply(position: Position, change: AuthorityChange): void;
  /** The connected users who may see the topic. */
  subscribersOf(topic: string): Iterable<Subscriber<S>>;
  /** Their streams. A stream detached meanwhile may still be included. */
  streamsOf(topic: string): readonly S[];
  /** All attached streams. */
  streams(): Iterable<S>;
  /** Returns the shared copy of the topic string, so that callers need not hold another. */
  intern(topic: string): string;
  readonly size: number;
}

/**
 * Maps topics to the connected users who may see them. Only the log changes it, in log order, so it is
 * correct for each event, not only for each subscription.
 */
export function makeTopicIndex<S>(options: TopicIndexOptions): TopicIndex<S> {
  const subscribers = new Map<string, SubscriberState<S>>();
  /** All topics except users' own topics, which only they can see. Most have one user. */
  const audiences = new Map<string, SubscriberState<S> | Audience<S>>();

  const add = (subscriber: SubscriberState<S>, topic: string): void => {
    if (topic === subscriber.userId) {
      subscriber.add(subscriber.userId);
      return;
    }
    let audience = audiences.get(topic);
    if (audience === undefined || audience === subscriber) {
      audiences.set(topic, subscriber);
      subscriber.add(topic);
      return;
    }
    if (audience instanceof SubscriberState)
      audiences.set(topic, (audience = new Audience(topic, audience)));
    audience.add(subscriber);
    subscriber.add(audience.topic);
  };
  const remove = (subscriber: SubscriberState<S>, topic: string): void => {
    subscriber.remove(topic);
    const audience = audiences.get(topic);
    if (audience === subscriber) audiences.delete(topic);
    if (!(audience instanceof Audience)) return;
    audience.remove(subscriber);
    if (audience.isEmpty) audiences.delete(topic);
  };
  const applyTo = (subscriber: SubscriberState<S>, change: AuthorityChange): void => {
    for (const [userId, topic] of change.revoke ?? [])
      if (userId === subscriber.userId) remove(subscriber, topic);
    for (const [userId, topic] of change.grant ?? [])
      if (userId === subscriber.userId) add(subscriber, topic);
  };
  const forget = (subscriber: SubscriberState<S>): void => {
    if (subscribers.get(subscriber.userId) === subscriber) subscribers.delete(subscriber.userId);
    for (const topic of [...subscriber.topics]) remove(subscriber, topic);
  };

  const fill = async (subscriber: SubscriberState<S>): Promise<void> => {
    const { position, topics } = await options.load(subscriber.userId);
    await options.waitFor(position);
    // Released while loading: the index must keep nothing of this user.
    if (subscribers.get(subscriber.userId) !== subscriber) return;
    for (const topic of [NIL_UUID, subscriber.userId, ...topics]) add(subscriber, topic);
    const pendingChanges = subscriber.pendingChanges ?? [];
    subscriber.pendingChanges = null;
    subscriber.ready = null;
    for (const item of pendingChanges)
      if (item.position > position) applyTo(subscriber, item.change);
  };

  const setStreams = (subscriber: SubscriberState<S>, streams: readonly S[]): void => {
    subscriber.streams = streams;
    for (const topic of subscriber.topics) {
      const audience = audiences.get(topic);
      if (audience instanceof Audience) audience.forgetStreams();
    }
  };

  return {
    acquire: async (userId) => {
      let subscriber = subscribers.get(userId);
      if (subscriber === undefined) {
        const fresh = new SubscriberState<S>(userId);
        subscribers.set(userId, fresh);
        fresh.ready = fill(fresh).catch((error: unknown) => {
          forget(fresh);
          throw error;
        });
        subscriber = fresh;
      }
      subscriber.holders += 1;
      await subscriber.ready;
      return subscriber;
    },
    release: (userId) => {
      const subscriber = subscribers.get(userId);
      if (subscriber === undefined) return;
      subscriber.holders -= 1;
      if (subscriber.holders <= 0) forget(subscriber);
    },
    apply: (position, change) => {
      const changed = new Set(
        [...(change.grant ?? []), ...(change.revoke ?? [])].map(([userId]) => userId),
      );
      for (const userId of changed) {
        const subscriber = subscribers.get(userId);
        if (subscriber === undefined) continue;
        if (subscriber.pendingChanges === null) applyTo(subscriber, change);
        else subscriber.pendingChanges.push({ position, change });
      }
    },
    attach: (userId, stream) => {
      const subscriber = subscribers.get(userId);
      if (subscriber?.streams.includes(stream) === false)
        setStreams(subscriber, subscriber.streams.concat([stream]));
    },
    detach: (userId, stream) => {
      const subscriber = subscribers.get(userId);
      if (subscriber?.streams.includes(stream) === true)
        setStreams(
          subscriber,
          subscriber.streams.filter((other) => other !== stream),
        );
    },
    subscribersOf: (topic) => {
      const audience = audiences.get(topic);
      if (audience instanceof Audience) return audience.members;
      const only = audience ?? subscribers.get(topic);
      return only?.sees(topic) === true ? [only] : EMPTY_LIST;
    },
    streamsOf: (topic) =>
      audiences.get(topic)?.streams ?? subscribers.get(topic)?.streams ?? EMPTY_LIST,
    streams: function* () {
      for (const { streams } of subscribers.values()) yield* streams;
    },
    intern: (topic) => {
      const audience = audiences.get(topic);
      return audience instanceof Audience ? audience.topic : topic;
    },
    get size() {
      return subscribers.size;
    },
  };
}
