import { draftKeyPrefix } from "../session/unsent-storage.ts";

export interface Drafts {
  /** Returns the draft; "" if there is none. */
  read(conversationId: string): string;
  write(conversationId: string, text: string): void;
}

/**
 * Stores a draft per conversation until the tab closes. If storage is full or forbidden, typing
 * still works.
 *
 * @param storage normally `sessionStorage`
 * @param person id of the user; other users of the same tab cannot see these drafts
 */
export function makeDrafts(
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">,
  person: string,
): Drafts {
  const key = (conversationId: string): string => draftKeyPrefix(person) + conversationId;
  return {
    read: (conversationId) => {
      try {
        return storage.getItem(key(conversationId)) ?? "";
      } catch {
        return "";
      }
    },
    write: (conversationId, text) => {
      try {
        if (text === "") storage.removeItem(key(conversationId));
        else storage.setItem(key(conversationId), text);
      } catch {
        // A lost draft must not interrupt typing.
      }
    },
  };
}
