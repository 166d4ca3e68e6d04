import type { Clock } from "../../kernel/clock.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { Signals } from "../../signal/signals.ts";
import { combineDevices, type PresenceState } from "./presence.policy.ts";

export type ConnectedUser = PresenceState & { user: UserRecord };

/** The source of a change: a client of this instance, another instance, or the silence of one. */
export type Source = "own" | "told" | "lost";

/** All connected users, on all instances. */
export interface SharedPresence {
  /**
   * Publishes a user with clients on this instance to all instances; null after the last client has
   * disconnected.
   *
   * @param at time of the change in milliseconds; by default now
   */
  announce(userId: string, being: ConnectedUser | null, at?: number): void;
  of(userId: string): ConnectedUser | null;
  start(): void;
  /** Publishes the shutdown, so that other instances need not wait for the time to live. */
  stop(): void;
}

export interface SharedPresenceOptions {
  exchange: Signals["exchange"];
  clock: Clock;
  /** Time to live of a silent instance's users, in milliseconds. */
  ttlMs: number;
  /** Time for users of a stopping instance to reconnect elsewhere, in milliseconds. */
  moveMs: number;
  /** Called when anything about a user changes; `at` is the time of the change, in milliseconds. */
  changed: (userId: string, at: number, source: Source) => void;
}

/** The last known state of another instance. */
interface Instance {
  /** Number of its last update; updates are numbered consecutively. */
  version: number;
  heardAt: number;
  /** Time of its last update by its own clock. */
  at: number;
  people: Map<string, ConnectedUser>;
}

/** `at` is the time of the change; unknown for users in a full state. */
type Entry = [userId: string, being: ConnectedUser | null, at?: number];
interface News {
  version: number;
  at: number;
  entries: Entry[];
}

const NEWS = "people";
const ALL = "people-all";
const PULSE = "people-pulse";
const ASK = "people-ask";
const BYE = "people-bye";
const EVERYBODY = "*";

/**
 * Instances exchange their connected users and send heartbeats. Updates are numbered. An instance that
 * misses one asks for the full state, so the next heartbeat repairs losses of the bus.
 */
export function makeSharedPresence({
  exchange,
  clock,
  ttlMs,
  moveMs,
  changed,
}: SharedPresenceOptions): SharedPresence {
  /** Users on other instances, by user and instance. */
  const elsewhere = new Map<string, Map<string, ConnectedUser>>();
  /** Users on this instance. */
  const own = new Map<string, ConnectedUser>();
  const instances = new Map<string, Instance>();
  const sweepMs = ttlMs / 20;
  /** Somewhat less than the time to live, because the sweep runs up to one period late. */
  const silenceMs = ttlMs * 0.9;
  /** Changed users, with the time of the change. */
  const fresh = new Map<string, number>();
  const timers: NodeJS.Timeout[] = [];
  let version = 0;
  let lastSweep = 0;

  const put = (
    instanceId: string,
    people: Map<string, ConnectedUser>,
    [userId, being, since]: Entry,
    at: number,
    source: Source,
  ): void => {
    const others = elsewhere.get(userId) ?? new Map<string, ConnectedUser>();
    if (being === null) {
      people.delete(userId);
      others.delete(instanceId);
    } else {
      people.set(userId, being);
      others.set(instanceId, being);
    }
    if (others.size === 0) elsewhere.delete(userId);
    else elsewhere.set(userId, others);
    changed(userId, since ?? at, source);
  };
  const drop = (instanceId: string, instance: Instance): void => {
    instances.delete(instanceId);
    for (const userId of [...instance.people.keys()])
      put(instanceId, instance.people, [userId, null], instance.at, "lost");
  };

  const tellNews = (): void => {
    version += 1;
    const entries = [...fresh].map(([userId, at]): Entry => [userId, own.get(userId) ?? null, at]);
    fresh.clear();
    const news: News = { version, at: clock.now(), entries };
    exchange.publish(NEWS, String(version), news);
  };
  const tellAll = (): void => {
    const news: News = { version, at: clock.now(), entries: [...own] };
    exchange.publish(ALL, "", news);
  };
  const pulse = (): void => {
    exchange.publish(PULSE, "", { version, at: clock.now() });
  };
  const ask = (whom: string): void => {
    exchange.publish(ASK, whom, { whom });
  };

  /**
   * Returns the instance if all its updates up to `heardVersion` have arrived; otherwise asks for its
   * full state.
   */
  const hear = (from: string, heardVersion: number, at: number): Instance | null => {
    const instance = instances.get(from);
    if (instance === undefined || instance.version < heardVersion) {
      ask(from);
      return null;
    }
    instance.heardAt = clock.now();
    instance.at = Math.max(instance.at, at);
    return instance;
  };
  exchange.on<News>(NEWS, (news, from) => {
    // An update is complete only after all earlier ones.
    const instance = hear(from, news.version - 1, news.at);
    if (instance === null || instance.version >= news.version) return;
    instance.version = news.version;
    for (const entry of news.entries) put(from, instance.people, entry, news.at, "told");
  });
  exchange.on<News>(ALL, (news, from) => {
    const known = instances.get(from);
    if (known !== undefined && known.version > news.version) return;
    const people = known?.people ?? new Map<string, ConnectedUser>();
    const { version: heard, at } = news;
    instances.set(from, { version: heard, heardAt: clock.now(), at, people });
    const there = new Set(news.entries.map(([userId]) => userId));
    for (const userId of [...people.keys()])
      if (!there.has(userId)) put(from, people, [userId, null], at, "told");
    for (const entry of news.entries) put(from, people, entry, at, "told");
  });
  exchange.on<Pick<News, "version" | "at">>(PULSE, (news, from) => {
    hear(from, news.version, news.at);
  });
  exchange.on<{ whom: string }>(ASK, ({ whom }, from) => {
    if (whom === exchange.instanceId || whom === EVERYBODY) tellAll();
    // A new instance asks all others, and instances that do not know it ask it in turn.
    if (!instances.has(from)) ask(from);
  });
  exchange.on<object>(BYE, (_nothing, from) => {
    const instance = instances.get(from);
    if (instance === undefined) return;
    instance.heardAt = Math.min(instance.heardAt, clock.now() - silenceMs + moveMs);
    // Its last information about its users was true until now.
    instance.at = Math.max(instance.at, clock.now());
  });
  exchange.onReturn(() => {
    ask(EVERYBODY);
    pulse();
  });

  const sweep = (): void => {
    const now = clock.now();
    const lag = now - lastSweep - sweepMs;
    lastSweep = now;
    for (const [instanceId, instance] of instances) {
      // If this instance itself was blocked, messages of the others are still unread.
      if (lag > sweepMs) instance.heardAt += lag;
      if (now - instance.heardAt > silenceMs) drop(instanceId, instance);
    }
  };

  return {
    announce: (userId, being, at = clock.now()) => {
      if (fresh.size === 0) setImmediate(tellNews);
      fresh.set(userId, at);
      if (being === null) own.delete(userId);
      else own.set(userId, being);
      changed(userId, at, "own");
    },
    of: (userId) => {
      const here = own.get(userId);
      const there = elsewhere.get(userId)?.values() ?? [];
      const all = here === undefined ? [...there] : [...there, here];
      const [only] = all;
      // Most users are on one instance, and its state is the result.
      if (only === undefined || all.length === 1) return only ?? null;
      const being = combineDevices(all);
      const user = all.at(-1)?.user;
      if (being === null || user === undefined) return null;
      return { status: being.status, invisible: being.invisible, user };
    },
    start: () => {
      lastSweep = clock.now();
      for (const [milliseconds, work] of [
        [ttlMs / 3, pulse],
        [sweepMs, sweep],
      ] as const) {
        const timer = setInterval(work, milliseconds);
        timer.unref();
        timers.push(timer);
      }
      ask(EVERYBODY);
      pulse();
    },
    stop: () => {
      for (const timer of timers) clearInterval(timer);
      exchange.publish(BYE, "", {});
    },
  };
}
