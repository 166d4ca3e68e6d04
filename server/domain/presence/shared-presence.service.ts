import type { Clock } from "../../kernel/clock.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { Signals } from "../../signal/signals.ts";
import { combineDevices, type PresenceState } from "./presence.policy.ts";

/** A person who is there. */
export type ConnectedUser = PresenceState & { user: UserRecord };

/** Where news of a person came from: a client of this instance, another instance, or one's silence. */
export type Source = "own" | "told" | "lost";

/** Everybody who is there, on whatever instance. */
export interface SharedPresence {
  /**
   * Tells all instances of a person with clients here; null when they have none any more.
   *
   * @param at since when that is so, in milliseconds: now unless given
   */
  announce(userId: string, being: ConnectedUser | null, at?: number): void;
  of(userId: string): ConnectedUser | null;
  start(): void;
  /** Says goodbye, so that others need not wait until this instance has been silent for long. */
  stop(): void;
}

export interface SharedPresenceOptions {
  exchange: Signals["exchange"];
  clock: Clock;
  /** Milliseconds that an instance may be silent before its people count as gone. */
  ttlMs: number;
  /** Milliseconds that people of an instance which says goodbye have to come back elsewhere. */
  moveMs: number;
  /** Called when anything about a person is different; `at` is when it became so, in milliseconds. */
  changed: (userId: string, at: number, source: Source) => void;
}

/** Another instance, as it was last heard of. */
interface Instance {
  /** Of its last news: each is one more than the one before. */
  version: number;
  heardAt: number;
  /** The same by its own clock. */
  at: number;
  people: Map<string, ConnectedUser>;
}

/** `at` is since when it is so; of those who are told of together with all others, it is not known. */
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
 * Instances tell each other of their people, and prove by a pulse that they live. News are numbered;
 * whoever misses one asks for all, so that a bus which loses something is made good by the next pulse.
 */
export function makeSharedPresence({
  exchange,
  clock,
  ttlMs,
  moveMs,
  changed,
}: SharedPresenceOptions): SharedPresence {
  /** On other instances, by person and instance. */
  const elsewhere = new Map<string, Map<string, ConnectedUser>>();
  /** On this one. */
  const own = new Map<string, ConnectedUser>();
  const instances = new Map<string, Instance>();
  const sweepMs = ttlMs / 20;
  /** Somewhat less than allowed, for the sweep comes up to its own period late. */
  const silenceMs = ttlMs * 0.9;
  /** Of whom there is news, and since when it is so. */
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

  /** Answers the instance if its last news are at least those of `heardVersion`; asks for what is missing. */
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
    // News are complete only after those before them.
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
    // Somebody new asks everybody, and is asked in turn by whoever does not know them.
    if (!instances.has(from)) ask(from);
  });
  exchange.on<object>(BYE, (_nothing, from) => {
    const instance = instances.get(from);
    if (instance === undefined) return;
    instance.heardAt = Math.min(instance.heardAt, clock.now() - silenceMs + moveMs);
    // What it still said of them was true until now.
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
      // When this instance itself stood still, what others said meanwhile has yet to be read.
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
      // Most are in one place, and then it is what is known of them there.
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
