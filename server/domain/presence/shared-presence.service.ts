import type { Clock } from "../../kernel/clock.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { Signals } from "../../signal/signals.ts";
import { combineDevices, type PresenceState } from "./presence.policy.ts";

export type ConnectedUser = PresenceState & { user: UserRecord };

/** The source of a change: a client of this instance, another instance, or the silence of one. */
export type Source = "own" | "remote" | "lost";

/** All connected users, on all instances. */
export interface SharedPresence {
  /**
   * Publishes a user with clients on this instance to all instances; null after the last client has
   * disconnected.
   *
   * @param at time of the change in milliseconds; by default now
   */
  publish(userId: string, state: ConnectedUser | null, at?: number): void;
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
  lastMessageAt: number;
  /** Time of its last update by its own clock. */
  at: number;
  users: Map<string, ConnectedUser>;
}

/** `at` is the time of the change; unknown for users in a full state. */
type Entry = [userId: string, state: ConnectedUser | null, at?: number];
interface Update {
  version: number;
  at: number;
  entries: Entry[];
}

const UPDATE = "people";
const FULL_STATE = "people-all";
const HEARTBEAT = "people-pulse";
const REQUEST = "people-ask";
const SHUTDOWN = "people-bye";
const ALL_INSTANCES = "*";

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
  const changes = new Map<string, number>();
  const timers: NodeJS.Timeout[] = [];
  let version = 0;
  let lastSweep = 0;

  const applyEntry = (
    instanceId: string,
    users: Map<string, ConnectedUser>,
    [userId, state, since]: Entry,
    at: number,
    source: Source,
  ): void => {
    const others = elsewhere.get(userId) ?? new Map<string, ConnectedUser>();
    if (state === null) {
      users.delete(userId);
      others.delete(instanceId);
    } else {
      users.set(userId, state);
      others.set(instanceId, state);
    }
    if (others.size === 0) elsewhere.delete(userId);
    else elsewhere.set(userId, others);
    changed(userId, since ?? at, source);
  };
  const removeInstance = (instanceId: string, instance: Instance): void => {
    instances.delete(instanceId);
    for (const userId of [...instance.users.keys()])
      applyEntry(instanceId, instance.users, [userId, null], instance.at, "lost");
  };

  const publishUpdate = (): void => {
    version += 1;
    const entries = [...changes].map(([userId, at]): Entry => [
      userId,
      own.get(userId) ?? null,
      at,
    ]);
    changes.clear();
    const update: Update = { version, at: clock.now(), entries };
    exchange.publish(UPDATE, String(version), update);
  };
  const publishFullState = (): void => {
    const update: Update = { version, at: clock.now(), entries: [...own] };
    exchange.publish(FULL_STATE, "", update);
  };
  const publishHeartbeat = (): void => {
    exchange.publish(HEARTBEAT, "", { version, at: clock.now() });
  };
  const requestFullState = (instanceId: string): void => {
    exchange.publish(REQUEST, instanceId, { whom: instanceId });
  };

  /**
   * Returns the instance if all its updates up to `sentVersion` have arrived; otherwise asks for its
   * full state.
   */
  const noteMessage = (from: string, sentVersion: number, at: number): Instance | null => {
    const instance = instances.get(from);
    if (instance === undefined || instance.version < sentVersion) {
      requestFullState(from);
      return null;
    }
    instance.lastMessageAt = clock.now();
    instance.at = Math.max(instance.at, at);
    return instance;
  };
  exchange.on<Update>(UPDATE, (update, from) => {
    // An update is complete only after all earlier ones.
    const instance = noteMessage(from, update.version - 1, update.at);
    if (instance === null || instance.version >= update.version) return;
    instance.version = update.version;
    for (const entry of update.entries)
      applyEntry(from, instance.users, entry, update.at, "remote");
  });
  exchange.on<Update>(FULL_STATE, (update, from) => {
    const known = instances.get(from);
    if (known !== undefined && known.version > update.version) return;
    const users = known?.users ?? new Map<string, ConnectedUser>();
    const { version: sentVersion, at } = update;
    instances.set(from, { version: sentVersion, lastMessageAt: clock.now(), at, users });
    const present = new Set(update.entries.map(([userId]) => userId));
    for (const userId of [...users.keys()])
      if (!present.has(userId)) applyEntry(from, users, [userId, null], at, "remote");
    for (const entry of update.entries) applyEntry(from, users, entry, at, "remote");
  });
  exchange.on<Pick<Update, "version" | "at">>(HEARTBEAT, (update, from) => {
    noteMessage(from, update.version, update.at);
  });
  exchange.on<{ whom: string }>(REQUEST, ({ whom }, from) => {
    if (whom === exchange.instanceId || whom === ALL_INSTANCES) publishFullState();
    // A new instance asks all others, and instances that do not know it ask it in turn.
    if (!instances.has(from)) requestFullState(from);
  });
  exchange.on<object>(SHUTDOWN, (_nothing, from) => {
    const instance = instances.get(from);
    if (instance === undefined) return;
    instance.lastMessageAt = Math.min(instance.lastMessageAt, clock.now() - silenceMs + moveMs);
    // Its last information about its users was true until now.
    instance.at = Math.max(instance.at, clock.now());
  });
  exchange.onReconnect(() => {
    requestFullState(ALL_INSTANCES);
    publishHeartbeat();
  });

  const sweep = (): void => {
    const now = clock.now();
    const lag = now - lastSweep - sweepMs;
    lastSweep = now;
    for (const [instanceId, instance] of instances) {
      // If this instance itself was blocked, messages of the others are still unread.
      if (lag > sweepMs) instance.lastMessageAt += lag;
      if (now - instance.lastMessageAt > silenceMs) removeInstance(instanceId, instance);
    }
  };

  return {
    publish: (userId, state, at = clock.now()) => {
      if (changes.size === 0) setImmediate(publishUpdate);
      changes.set(userId, at);
      if (state === null) own.delete(userId);
      else own.set(userId, state);
      changed(userId, at, "own");
    },
    of: (userId) => {
      const here = own.get(userId);
      const present = elsewhere.get(userId)?.values() ?? [];
      const all = here === undefined ? [...present] : [...present, here];
      const [only] = all;
      // Most users are on one instance, and its state is the result.
      if (only === undefined || all.length === 1) return only ?? null;
      const state = combineDevices(all);
      const user = all.at(-1)?.user;
      if (state === null || user === undefined) return null;
      return { status: state.status, invisible: state.invisible, user };
    },
    start: () => {
      lastSweep = clock.now();
      for (const [milliseconds, work] of [
        [ttlMs / 3, publishHeartbeat],
        [sweepMs, sweep],
      ] as const) {
        const timer = setInterval(work, milliseconds);
        timer.unref();
        timers.push(timer);
      }
      requestFullState(ALL_INSTANCES);
      publishHeartbeat();
    },
    stop: () => {
      for (const timer of timers) clearInterval(timer);
      exchange.publish(SHUTDOWN, "", {});
    },
  };
}
