import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { DeviceOwners } from "./device-owners.service.ts";
import type { PresenceStore } from "./presence.store.ts";

/** Reads from the database which connected users are invisible. */
export interface InvisibleSettings {
  /** Reads the setting of a user at the end of the event-loop turn. */
  readSoon(userId: string): void;
  /** Reads the settings that are still unknown. On failure, they stay unknown until the next call. */
  readUnknown(): Promise<void>;
  /** Reads all settings again, because a change may have been lost with the bus. */
  readAgain(): Promise<void>;
}

export interface InvisibleSettingsOptions {
  store: PresenceStore;
  owners: DeviceOwners;
  clock: Clock;
  logger: Logger;
}

export function makeInvisibleSettings(options: InvisibleSettingsOptions): InvisibleSettings {
  const { store, owners, clock, logger } = options;
  let unknown = new Set<string>();

  const readUnknown = async (): Promise<void> => {
    const ids = [...unknown];
    unknown = new Set();
    if (ids.length === 0) return;
    try {
      const hidden = new Set(
        (await store.find(ids)).flatMap(({ userId, invisible }) => (invisible ? userId : [])),
      );
      // Settings received meanwhile are newer.
      for (const userId of ids)
        if (owners.all.get(userId)?.invisible === null)
          owners.setInvisible(userId, hidden.has(userId));
    } catch (error) {
      logger.debug({ err: error }, "Presence settings could not be read; trying again");
      for (const userId of ids) if (owners.all.has(userId)) unknown.add(userId);
    }
  };

  return {
    readUnknown,
    readSoon: (userId) => {
      if (unknown.size === 0) setImmediate(() => void readUnknown());
      unknown.add(userId);
    },
    readAgain: async () => {
      const from = clock.now();
      const ids = [...owners.all.keys()];
      if (ids.length === 0) return;
      const rows = new Map((await store.find(ids)).map((row) => [row.userId, row.invisible]));
      for (const userId of ids) {
        const owner = owners.all.get(userId);
        const invisible = rows.get(userId) ?? false;
        // A setting received meanwhile is newer than the read one.
        if (owner === undefined || owner.invisible === null || owner.settingAt >= from) continue;
        if (owner.invisible !== invisible) owners.setInvisible(userId, invisible);
      }
    },
  };
}
