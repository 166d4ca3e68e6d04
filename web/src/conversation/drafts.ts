import { keptDraftsOf } from "../session/kept.ts";

export interface Drafts {
  /** @returns what was typed but not sent; "" for nothing */
  read(conversationId: string): string;
  write(conversationId: string, text: string): void;
}

/**
 * Keeps what was typed but not sent, per conversation, for as long as the tab lives. Storage that is
 * full or forbidden costs the draft, never the typing.
 *
 * @param storage normally `sessionStorage`
 * @param person whose drafts these are: another person in the same tab sees none of them
 */
export function makeDrafts(
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">,
  person: string,
): Drafts {
  const key = (conversationId: string): string => keptDraftsOf(person) + conversationId;
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
        // Nothing to be done, and nothing that the person who types should hear of.
      }
    },
  };
}
