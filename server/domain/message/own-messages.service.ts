import { ownDataPage, type OwnDataSection } from "../../kernel/own-data.ts";
import type { Unit } from "../../log/unit.ts";
import type { ChangeService } from "./change.service.ts";
import type { OwnMessagesStore } from "./own-messages.store.ts";

/** All that one person wrote, wherever it stands. */
export interface OwnMessagesService {
  /** A person's messages with what they said before, for their own export. */
  readonly ownData: OwnDataSection;
  /**
   * Deletes the next of a person's messages, in the transaction in progress.
   *
   * @param after where the one before ended; null begins
   * @returns where this one ended; null when there are no more
   */
  erase(unit: Unit, userId: string, after: string | null, limit: number): Promise<string | null>;
}

export interface OwnMessagesServiceOptions {
  store: OwnMessagesStore;
  changes: ChangeService;
}

export function makeOwnMessagesService({
  store,
  changes,
}: OwnMessagesServiceOptions): OwnMessagesService {
  return {
    ownData: {
      type: "message",
      page: async (userId, after, limit) =>
        ownDataPage(
          await store.page(userId, after, limit + 1),
          limit,
          ({ clientId }) => clientId,
          (message) => message,
        ),
    },
    erase: async (unit, userId, after, limit) => {
      const found = await store.ids(userId, after, limit);
      const events = await changes.eraseOwn(
        unit,
        found.map(({ id }) => id),
      );
      if (events.length > 0) await unit.append(events);
      return found.length < limit ? null : (found.at(-1)?.clientId ?? null);
    },
  };
}
