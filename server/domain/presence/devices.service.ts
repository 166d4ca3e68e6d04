import type { Clock } from "../../kernel/clock.ts";
import { EMPTY_LIST, toOneOrMany, toList, type OneOrMany } from "../../kernel/one-or-many.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { Signals } from "../../signal/signals.ts";
import type { LiveSessions, Viewer } from "../../kernel/viewer.ts";
import type { LastSeen } from "./last-seen.service.ts";
import type { SharedPresence } from "./shared-presence.service.ts";
import { combineDevices, statusOfDevice, type LiveStatus } from "./presence.policy.ts";
import type { PresenceStore } from "./presence.store.ts";

/** How long users may stay disconnected before others see it, in milliseconds. */
export const LINGER_MS = 3_000;
/** Interval at which connected users are stored as seen, in case this instance crashes, in milliseconds. */
const STORE_MS = 60_000;
/** Retry interval for a setting that could not be read, in milliseconds. */
const RETRY_MS = 1_000;
/** Maximum time between two checks for idle devices, in milliseconds. */
const IDLE_LOOK_MS = 15_000;
/** Number of devices whose status is remembered until they reconnect. */
const WORDS = 20_000;

const WORD = "presence-word";
const HIDE = "presence-hide";
const USE = "presence-use";

/** The devices connected to this instance. A device is a session. */
export interface Devices {
  /** Sets a user's status on the device of a session, which may be connected to another instance. */
  say(viewer: Viewer, status: LiveStatus): void;
  /** Hides a user from others or shows the user again; stored until changed. */
  hide(viewer: Viewer, invisible: boolean): Promise<void>;
  /** Number of users with a device on this instance. */
  readonly size: number;
  start(): void;
  stop(): Promise<void>;
}

export interface DevicesOptions {
  store: PresenceStore;
  liveSessions: LiveSessions;
  exchange: Signals["exchange"];
  people: SharedPresence;
  lastSeen: LastSeen;
  clock: Clock;
  logger: Logger;
  idleMs: number;
}

interface Device {
  sessionId: string;
  /** When its user was last active, in milliseconds. */
  activeAt: number;
}

interface Owner {
  user: UserRecord;
  devices: OneOrMany<Device>;
  /**
   * Whether the user is invisible; null until it is read. Until then, nothing is published about the
   * user.
   */
  invisible: boolean | null;
  /** When the setting was last updated, in milliseconds. */
  settingAt: number;
  lingering: NodeJS.Timeout | undefined;
  /** The currently published status. */
  status: LiveStatus | null;
  shownInvisible: boolean;
}

export function makeDevices(options: DevicesOptions): Devices {
  const { store, liveSessions, exchange, people, lastSeen, clock, logger, idleMs } = options;
  const owners = new Map<string, Owner>();
  /** Sessions whose user set the status to away. */
  const away = new Set<string>();
  /** When other instances were last notified of a use of a session that is not held here. */
  const toldUse = new Map<string, number>();
  let unread = new Set<string>();
  const timers: NodeJS.Timeout[] = [];

  /** Publishes the status of a user if it changed, with the time of the change; by default now. */
  const refresh = (owner: Owner, at?: number): void => {
    const { user, invisible } = owner;
    const devices = toList(owner.devices);
    // A user who just disconnected keeps the previous status for a while.
    if (invisible === null || (devices.length === 0 && owner.lingering !== undefined)) return;
    const now = clock.now();
    const being = combineDevices(
      devices.map(({ sessionId, activeAt }) => ({
        status: statusOfDevice({
          saidAway: away.has(sessionId),
          idle: now - activeAt >= idleMs,
        }),
        invisible,
      })),
    );
    if ((being?.status ?? null) === owner.status && invisible === owner.shownInvisible) return;
    // In case this instance crashes before it next stores connected users.
    if (owner.status === null && !invisible) lastSeen.note(user.id, now, true);
    owner.status = being?.status ?? null;
    owner.shownInvisible = invisible;
    people.announce(
      user.id,
      being === null ? null : { status: being.status, invisible: being.invisible, user },
      at,
    );
  };

  const setInvisible = (userId: string, invisible: boolean, at?: number): void => {
    const owner = owners.get(userId);
    if (owner === undefined) return;
    owner.invisible = invisible;
    owner.settingAt = clock.now();
    refresh(owner, at);
  };

  /** Reads the settings of all users who connected in one event-loop turn. */
  const readSettings = async (): Promise<void> => {
    const ids = [...unread];
    unread = new Set();
    if (ids.length === 0) return;
    try {
      const hidden = new Set(
        (await store.find(ids)).flatMap(({ userId, invisible }) => (invisible ? userId : [])),
      );
      // Settings received meanwhile are newer.
      for (const userId of ids)
        if (owners.get(userId)?.invisible === null) setInvisible(userId, hidden.has(userId));
    } catch (error) {
      logger.debug({ err: error }, "Presence settings could not be read; trying again");
      for (const userId of ids) if (owners.has(userId)) unread.add(userId);
    }
  };
  const readSoon = (userId: string): void => {
    if (unread.size === 0) setImmediate(() => void readSettings());
    unread.add(userId);
  };

  /** Stores connected users as seen, and reads settings whose change was lost with the bus. */
  const storePresent = async (): Promise<void> => {
    const from = clock.now();
    for (const [userId, { status, invisible }] of owners)
      if (status !== null && invisible === false) lastSeen.note(userId, from, true);
    await lastSeen.flush();
    const ids = [...owners.keys()];
    if (ids.length === 0) return;
    const rows = new Map((await store.find(ids)).map((row) => [row.userId, row.invisible]));
    for (const userId of ids) {
      const owner = owners.get(userId);
      const invisible = rows.get(userId) ?? false;
      // A setting received meanwhile is newer than the read one.
      if (owner === undefined || owner.invisible === null || owner.settingAt >= from) continue;
      if (owner.invisible !== invisible) setInvisible(userId, invisible);
    }
  };

  const noteUse = (userId: string, sessionId: string): void => {
    const owner = owners.get(userId);
    if (owner === undefined) return;
    const device = toList(owner.devices).find((each) => each.sessionId === sessionId);
    if (device === undefined) return;
    device.activeAt = clock.now();
    if (owner.status !== "ONLINE") refresh(owner);
  };
  const noteWord = (userId: string, sessionId: string, status: LiveStatus): void => {
    if (status === "ONLINE") away.delete(sessionId);
    else {
      away.add(sessionId);
      // A Set keeps insertion order, so its first value is the oldest.
      const oldest = away.values().next();
      if (away.size > WORDS && oldest.done !== true) away.delete(oldest.value);
    }
    noteUse(userId, sessionId);
    const owner = owners.get(userId);
    if (owner !== undefined) refresh(owner);
  };

  liveSessions.watch({
    held: ({ user, session }) => {
      let owner = owners.get(user.id);
      if (owner === undefined) {
        owner = {
          user,
          devices: EMPTY_LIST,
          invisible: null,
          settingAt: clock.now(),
          lingering: undefined,
          status: null,
          shownInvisible: false,
        };
        owners.set(user.id, owner);
        readSoon(user.id);
      }
      clearTimeout(owner.lingering);
      owner.lingering = undefined;
      const others = toList(owner.devices).filter(({ sessionId }) => sessionId !== session.id);
      owner.devices = toOneOrMany([...others, { sessionId: session.id, activeAt: clock.now() }]);
      // From now on, the device itself is published.
      toldUse.delete(session.id);
      refresh(owner);
    },
    released: ({ user, session }) => {
      const owner = owners.get(user.id);
      if (owner === undefined) return;
      const others = toList(owner.devices).filter(({ sessionId }) => sessionId !== session.id);
      owner.devices = toOneOrMany(others);
      if (others.length > 0) {
        refresh(owner);
        return;
      }
      owner.lingering = setTimeout(() => {
        owner.lingering = undefined;
        refresh(owner);
        owners.delete(user.id);
      }, LINGER_MS).unref();
    },
    used: ({ user, session }) => {
      noteUse(user.id, session.id);
      const devices = toList(owners.get(user.id)?.devices ?? EMPTY_LIST);
      if (devices.some(({ sessionId }) => sessionId === session.id)) return;
      // This instance may serve requests of a device whose socket is open elsewhere.
      const last = toldUse.get(session.id) ?? 0;
      if (clock.now() - last < idleMs / 10) return;
      if (toldUse.size >= WORDS) toldUse.clear();
      toldUse.set(session.id, clock.now());
      exchange.publish(USE, session.id, { userId: user.id, sessionId: session.id });
    },
  });
  exchange.on<{ userId: string; sessionId: string }>(USE, ({ userId, sessionId }) => {
    noteUse(userId, sessionId);
  });
  exchange.on<{ userId: string; sessionId: string; status: LiveStatus }>(WORD, (word) => {
    noteWord(word.userId, word.sessionId, word.status);
  });
  exchange.on<{ userId: string; invisible: boolean; at?: number }>(HIDE, (told) => {
    setInvisible(told.userId, told.invisible, told.at);
  });
  const storeSafely = (): void => {
    storePresent().catch((error: unknown) => {
      logger.debug({ err: error }, "Presence could not be stored; trying again in a minute");
    });
  };
  // A user may have become invisible while the instances were disconnected.
  exchange.onReturn(storeSafely);

  return {
    say: ({ user, session }, status) => {
      noteWord(user.id, session.id, status);
      exchange.publish(WORD, session.id, { userId: user.id, sessionId: session.id, status });
    },
    hide: async ({ user }, invisible) => {
      // A user who becomes invisible counts as seen until this moment, in the database and in signals,
      // and not until the write has finished.
      const at = clock.now();
      await store.setInvisible(user.id, invisible, new Date(at));
      setInvisible(user.id, invisible, at);
      exchange.publish(HIDE, user.id, { userId: user.id, invisible, at });
    },
    get size() {
      let size = 0;
      for (const { devices } of owners.values()) if (toList(devices).length > 0) size += 1;
      return size;
    },
    start: () => {
      const every = (milliseconds: number, work: () => void): void => {
        timers.push(setInterval(work, milliseconds).unref());
      };
      every(Math.min(IDLE_LOOK_MS, idleMs / 10), () => {
        for (const owner of owners.values()) refresh(owner);
      });
      every(RETRY_MS, () => void readSettings());
      every(STORE_MS, storeSafely);
    },
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      for (const [userId, { lingering, status, invisible }] of owners) {
        clearTimeout(lingering);
        if (status !== null && invisible === false) lastSeen.note(userId, clock.now(), true);
      }
      await lastSeen.flush();
      lastSeen.stop();
    },
  };
}
