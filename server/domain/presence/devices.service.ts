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

/** How long people whose last connection is gone have to come back before others see it, in milliseconds. */
export const LINGER_MS = 3_000;
/** How often it is stored that people are here, in case this instance dies, in milliseconds. */
const STORE_MS = 60_000;
/** How often a setting that could not be read is tried again, in milliseconds. */
const RETRY_MS = 1_000;
/** Longest time between two looks for idle devices, in milliseconds. */
const IDLE_LOOK_MS = 15_000;
/** Devices whose words are remembered, so that they hold when the device connects again. */
const WORDS = 20_000;

const WORD = "presence-word";
const HIDE = "presence-hide";
const USE = "presence-use";

/** The devices that are connected to this instance: a device is a session. */
export interface Devices {
  /** A person says of the device of a session that they are there, or away from it. Reaches it wherever it is. */
  say(viewer: Viewer, status: LiveStatus): void;
  /** Hides a person from others, or shows them again; kept until they say otherwise. */
  hide(viewer: Viewer, invisible: boolean): Promise<void>;
  /** People with a device here. */
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
  /** When its person last did something, in milliseconds. */
  activeAt: number;
}

interface Owner {
  user: UserRecord;
  devices: OneOrMany<Device>;
  /** Whether they hide; null until it is read, and until then nobody is told of them. */
  invisible: boolean | null;
  /** When the setting was last heard of, in milliseconds. */
  settingAt: number;
  lingering: NodeJS.Timeout | undefined;
  /** How they are shown at the moment. */
  status: LiveStatus | null;
  shownInvisible: boolean;
}

export function makeDevices(options: DevicesOptions): Devices {
  const { store, liveSessions, exchange, people, lastSeen, clock, logger, idleMs } = options;
  const owners = new Map<string, Owner>();
  /** Sessions whose person said that they are away from the device. */
  const away = new Set<string>();
  /** When other instances were last told of a use of a session that is not held here. */
  const toldUse = new Map<string, number>();
  let unread = new Set<string>();
  const timers: NodeJS.Timeout[] = [];

  /** Tells how somebody is, where that is different, and since when; now unless given. */
  const refresh = (owner: Owner, at?: number): void => {
    const { user, invisible } = owner;
    const devices = toList(owner.devices);
    // Whoever lingers stays as they were.
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
    // In case this instance dies before it next stores who is here.
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

  /** Reads the settings of all who came in one turn of the event loop together. */
  const readSettings = async (): Promise<void> => {
    const ids = [...unread];
    unread = new Set();
    if (ids.length === 0) return;
    try {
      const hidden = new Set(
        (await store.find(ids)).flatMap(({ userId, invisible }) => (invisible ? userId : [])),
      );
      // What was heard of meanwhile is newer.
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

  /** Stores that people are here, and learns of settings that were missed with the bus. */
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
      // What was said since is newer than what was read.
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
      // A Set keeps the order of insertion, so its first is the oldest.
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
      // Others will be told by the device itself.
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
      // Requests may be answered here while the device's socket is open elsewhere.
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
  // Somebody may have hidden while the instances could not hear each other.
  exchange.onReturn(storeSafely);

  return {
    say: ({ user, session }, status) => {
      noteWord(user.id, session.id, status);
      exchange.publish(WORD, session.id, { userId: user.id, sessionId: session.id, status });
    },
    hide: async ({ user }, invisible) => {
      // Whoever hides was seen until now, as is stored and told: not until it has been stored.
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
