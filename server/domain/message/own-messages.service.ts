import { exportPage, type ExportSection } from "../../kernel/export-section.ts";
import type { Unit } from "../../log/unit.ts";
import type { MessageUpdateService } from "./message-update.service.ts";
import type { OwnMessagesStore } from "./own-messages.store.ts";

/** All messages of one user, in all conversations. */
export interface OwnMessagesService {
  /** A user's messages with former texts, for the user's export. */
  readonly exportSection: ExportSection;
  /**
   * Deletes the next batch of a user's messages in the unit.
   *
   * @param after end of the previous batch; null for the first
   * @returns the end of this batch; null if there are no more
   */
  erase(unit: Unit, userId: string, after: string | null, limit: number): Promise<string | null>;
}

export interface OwnMessagesServiceOptions {
  store: OwnMessagesStore;
  messageUpdates: MessageUpdateService;
}

export function makeOwnMessagesService({
  store,
  messageUpdates,
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
      const events = await messageUpdates.eraseOwn(
        unit,
        found.map(({ id }) => id),
      );
      if (events.length > 0) await unit.appendAll(events);
      return found.length < limit ? null : (found.at(-1)?.clientId ?? null);
    },
  };
}
