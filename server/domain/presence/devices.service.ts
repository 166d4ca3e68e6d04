import type { Clock } from "../../kernel/clock.ts";
import { toList } from "../../kernel/one-or-many.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Signals } from "../../signal/signals.ts";
import type { LiveSessions, Viewer } from "../../kernel/viewer.ts";
import { makeDeviceOwners } from "./device-owners.service.ts";
import { makeInvisibleSettings } from "./invisible-setting.service.ts";
import type { LastSeen } from "./last-seen.service.ts";
import type { SharedPresence } from "./shared-presence.service.ts";
import type { LiveStatus } from "./presence.policy.ts";
import type { PresenceStore } from "./presence.store.ts";

export { LINGER_MS } from "./device-owners.service.ts";

/** Interval at which connected users are stored as seen, in case this instance crashes, in milliseconds. */
const STORE_MS = 60_000;
/** Retry interval for a setting that could not be read, in milliseconds. */
const RETRY_MS = 1_000;
/** Maximum time between two checks for idle devices, in milliseconds. */
const IDLE_LOOK_MS = 15_000;
/** Maximum number of sessions whose last published use is remembered. */
const USES_LIMIT = 20_000;

/** Kinds of messages between the instances. */
const STATUS = "presence-word";
const INVISIBLE = "presence-hide";
const USE = "presence-use";

interface UseMessage {
  userId: string;
  sessionId: string;
}

interface StatusMessage extends UseMessage {
  status: LiveStatus;
}

interface InvisibleMessage {
  userId: string;
  invisible: boolean;
  at?: number;
}

/** The devices connected to this instance. A device is a session. */
export interface Devices {
  /** Sets a user's status on the device of a session, on any instance. */
  setStatus(viewer: Viewer, status: LiveStatus): void;
  /** Hides a user from others or shows the user again; stored until changed. */
  setInvisible(viewer: Viewer, invisible: boolean): Promise<void>;
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

export function makeDevices(options: DevicesOptions): Devices {
  const { store, liveSessions, exchange, people, lastSeen, clock, logger, idleMs } = options;
  const owners = makeDeviceOwners({ people, lastSeen, clock, idleMs });
  const settings = makeInvisibleSettings({ store, owners, clock, logger });
  /** When other instances were last notified of a use of a session that is not held here. */
  const publishedUses = new Map<string, number>();
  const timers: NodeJS.Timeout[] = [];

  /** Notifies the other instances of a use, but not of each one. */
  const publishUse = (userId: string, sessionId: string): void => {
    const last = publishedUses.get(sessionId) ?? 0;
    if (clock.now() - last < idleMs / 10) return;
    if (publishedUses.size >= USES_LIMIT) publishedUses.clear();
    publishedUses.set(sessionId, clock.now());
    const message: UseMessage = { userId, sessionId };
    exchange.publish(USE, sessionId, message);
  };

  const noteVisibleUsers = (): void => {
    for (const [userId, { status, invisible }] of owners.all)
      if (status !== null && invisible === false) lastSeen.note(userId, clock.now(), true);
  };

  /** Stores connected users as seen, and reads settings whose change was lost with the bus. */
  const storePresent = async (): Promise<void> => {
    noteVisibleUsers();
    await lastSeen.flush();
    await settings.readAgain();
  };
  const storeSafely = (): void => {
    storePresent().catch((error: unknown) => {
      logger.debug({ err: error }, "Presence could not be stored; trying again in a minute");
    });
  };

  liveSessions.watch({
    held: (viewer) => {
      // From now on, the device itself is published.
      publishedUses.delete(viewer.session.id);
      if (owners.connect(viewer)) settings.readSoon(viewer.user.id);
    },
    released: owners.disconnect,
    used: ({ user, session }) => {
      owners.noteUse(user.id, session.id);
      // This instance may serve requests of a device whose socket is open elsewhere.
      if (!owners.has(user.id, session.id)) publishUse(user.id, session.id);
    },
  });
  exchange.on<UseMessage>(USE, ({ userId, sessionId }) => {
    owners.noteUse(userId, sessionId);
  });
  exchange.on<StatusMessage>(STATUS, ({ userId, sessionId, status }) => {
    owners.setStatus(userId, sessionId, status);
  });
  exchange.on<InvisibleMessage>(INVISIBLE, ({ userId, invisible, at }) => {
    owners.setInvisible(userId, invisible, at);
  });
  // A user may have become invisible while the instances were disconnected.
  exchange.onReconnect(storeSafely);

  return {
    setStatus: ({ user, session }, status) => {
      owners.setStatus(user.id, session.id, status);
      const message: StatusMessage = { userId: user.id, sessionId: session.id, status };
      exchange.publish(STATUS, session.id, message);
    },
    setInvisible: async ({ user }, invisible) => {
      // A user who becomes invisible counts as seen until this moment, in the database and in signals,
      // and not until the write has finished.
      const at = clock.now();
      await store.setInvisible(user.id, invisible, new Date(at));
      owners.setInvisible(user.id, invisible, at);
      const message: InvisibleMessage = { userId: user.id, invisible, at };
      exchange.publish(INVISIBLE, user.id, message);
    },
    get size() {
      let size = 0;
      for (const { devices } of owners.all.values()) if (toList(devices).length > 0) size += 1;
      return size;
    },
    start: () => {
      const every = (milliseconds: number, work: () => void): void => {
        timers.push(setInterval(work, milliseconds).unref());
      };
      every(Math.min(IDLE_LOOK_MS, idleMs / 10), owners.refreshAll);
      every(RETRY_MS, () => void settings.readUnknown());
      every(STORE_MS, storeSafely);
    },
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      owners.stop();
      noteVisibleUsers();
      await lastSeen.flush();
      lastSeen.stop();
    },
  };
}
