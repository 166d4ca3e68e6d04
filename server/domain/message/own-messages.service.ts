import { exportPage, type ExportSection } from "../../kernel/export-section.ts";
import type { Unit } from "../../log/unit.ts";
import type { MessageUpdateService } from "./message-update.service.ts";
import type { OwnMessagesStore } from "./own-messages.store.ts";

/** All that one person wrote, wherever it stands. */
export interface OwnMessagesService {
  /** A person's messages with what they said before, for their own export. */
  readonly exportSection: ExportSection;
  /**
   * Deletes the next of a person's messages in the unit.
   *
   * @param after where the one before ended; null begins
   * @returns where this one ended; null when there are no more
   */
  erase(unit: Unit, userId: string, after: string | null, limit: number): Promise<string | null>;
}

export interface OwnMessagesServiceOptions {
  store: OwnMessagesStore;
  changes: MessageUpdateService;
}

export function makeOwnMessagesService({
  store,
  changes,
}: OwnMessagesServiceOptions): OwnMessagesService {
  return {
    exportSection: {
      type: "message",
      page: async (userId, after, limit) =>
        exportPage(
          await store.page(userId, after, limit + 1),
          limit,
          ({ clientId }) => clientId,
          (message) => message,
        ),
    },
    erase: async (unit, userId, after, limit) => {
      const found = await store.ids(unit.tx, userId, after, limit);
      const events = await changes.eraseOwn(
        unit,
        found.map(({ id }) => id),
      );
      if (events.length > 0) await unit.append(events);
      return found.length < limit ? null : (found.at(-1)?.clientId ?? null);
    },
  };
}
