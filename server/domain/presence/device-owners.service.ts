import type { Clock } from "../../kernel/clock.ts";
import { EMPTY_LIST, toOneOrMany, toList, type OneOrMany } from "../../kernel/one-or-many.ts";
import type { Viewer } from "../../kernel/viewer.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { LastSeen } from "./last-seen.service.ts";
import { combineDevices, statusOfDevice, type LiveStatus } from "./presence.policy.ts";
import type { SharedPresence } from "./shared-presence.service.ts";

/** How long users may stay disconnected before others see it, in milliseconds. */
export const LINGER_MS = 3_000;
/** Number of devices whose status is remembered until they reconnect. */
const AWAY_LIMIT = 20_000;

interface Device {
  sessionId: string;
  /** When its user was last active, in milliseconds. */
  activeAt: number;
}

/** A user with devices on this instance. */
export interface Owner {
  readonly user: UserRecord;
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
  publishedInvisible: boolean;
}

/** The users with devices on this instance. Each change of their presence is published. */
export interface DeviceOwners {
  /** By user id. */
  readonly all: ReadonlyMap<string, Owner>;
  has(userId: string, sessionId: string): boolean;
  /** Returns whether the user had no device before. */
  connect(viewer: Viewer): boolean;
  disconnect(viewer: Viewer): void;
  /** Records that the user acted on a device. */
  noteUse(userId: string, sessionId: string): void;
  /** Sets the status of a device, connected or not. */
  setStatus(userId: string, sessionId: string, status: LiveStatus): void;
  /** @param at when it changed, in milliseconds; by default now */
  setInvisible(userId: string, invisible: boolean, at?: number): void;
  /** Publishes the users whose devices have become idle. */
  refreshAll(): void;
  stop(): void;
}

export interface DeviceOwnersOptions {
  people: SharedPresence;
  lastSeen: LastSeen;
  clock: Clock;
  idleMs: number;
}

export function makeDeviceOwners(options: DeviceOwnersOptions): DeviceOwners {
  const { people, lastSeen, clock, idleMs } = options;
  const owners = new Map<string, Owner>();
  /** Sessions whose user set the status to away. */
  const away = new Set<string>();

  /** Publishes the status of a user if it changed, with the time of the change; by default now. */
  const refresh = (owner: Owner, at?: number): void => {
    const { user, invisible } = owner;
    const devices = toList(owner.devices);
    // A user who just disconnected keeps the previous status for a while.
    if (invisible === null || (devices.length === 0 && owner.lingering !== undefined)) return;
    const now = clock.now();
    const state = combineDevices(
      devices.map(({ sessionId, activeAt }) => ({
        status: statusOfDevice({
          isSetAway: away.has(sessionId),
          idle: now - activeAt >= idleMs,
        }),
        invisible,
      })),
    );
    if ((state?.status ?? null) === owner.status && invisible === owner.publishedInvisible) return;
    // In case this instance crashes before it next stores connected users.
    if (owner.status === null && !invisible) lastSeen.note(user.id, now, true);
    owner.status = state?.status ?? null;
    owner.publishedInvisible = invisible;
    people.publish(
      user.id,
      state === null ? null : { status: state.status, invisible: state.invisible, user },
      at,
    );
  };

  const add = (user: UserRecord): Owner => {
    const owner: Owner = {
      user,
      devices: EMPTY_LIST,
      invisible: null,
      settingAt: clock.now(),
      lingering: undefined,
      status: null,
      publishedInvisible: false,
    };
    owners.set(user.id, owner);
    return owner;
  };

  const noteUse = (userId: string, sessionId: string): void => {
    const owner = owners.get(userId);
    if (owner === undefined) return;
    const device = toList(owner.devices).find((each) => each.sessionId === sessionId);
    if (device === undefined) return;
    device.activeAt = clock.now();
    if (owner.status !== "ONLINE") refresh(owner);
  };

  const noteAway = (sessionId: string): void => {
    away.add(sessionId);
    // A Set keeps insertion order, so its first value is the oldest.
    const oldest = away.values().next();
    if (away.size > AWAY_LIMIT && oldest.done !== true) away.delete(oldest.value);
  };

  return {
    all: owners,
    noteUse,
    has: (userId, sessionId) =>
      toList(owners.get(userId)?.devices ?? EMPTY_LIST).some(
        (device) => device.sessionId === sessionId,
      ),
    connect: ({ user, session }) => {
      const known = owners.get(user.id);
      const owner = known ?? add(user);
      clearTimeout(owner.lingering);
      owner.lingering = undefined;
      const others = toList(owner.devices).filter(({ sessionId }) => sessionId !== session.id);
      owner.devices = toOneOrMany([...others, { sessionId: session.id, activeAt: clock.now() }]);
      refresh(owner);
      return known === undefined;
    },
    disconnect: ({ user, session }) => {
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
    setStatus: (userId, sessionId, status) => {
      if (status === "ONLINE") away.delete(sessionId);
      else noteAway(sessionId);
      noteUse(userId, sessionId);
      const owner = owners.get(userId);
      if (owner !== undefined) refresh(owner);
    },
    setInvisible: (userId, invisible, at) => {
      const owner = owners.get(userId);
      if (owner === undefined) return;
      owner.invisible = invisible;
      owner.settingAt = clock.now();
      refresh(owner, at);
    },
    refreshAll: () => {
      for (const owner of owners.values()) refresh(owner);
    },
    stop: () => {
      for (const { lingering } of owners.values()) clearTimeout(lingering);
    },
  };
}
