import { InvalidInputError } from "../../kernel/errors.ts";
import type { FoundUser, UserSearchKey, UserSearchStore } from "./user-search.store.ts";

export type { FoundUser, UserSearchKey } from "./user-search.store.ts";

/** Maximum length of a searched name, in UTF-16 code units. */
export const NAME_SEARCH_LENGTH = 100;

export interface UserSearchService {
  /**
   * Finds users by username or display name, best match first.
   *
   * @throws InvalidInputError if the text is too long
   * @throws SearchTimeoutError
   */
  find(
    search: string,
    after: UserSearchKey | null,
    limit: number,
  ): Promise<{ rows: FoundUser[]; hasMore: boolean }>;
}

export function makeUserSearchService(store: UserSearchStore): UserSearchService {
  return {
    find: async (text, after, limit) => {
      if (text.length > NAME_SEARCH_LENGTH) {
        const message = `A search may have at most ${String(NAME_SEARCH_LENGTH)} characters.`;
        throw new InvalidInputError([{ field: "search", code: "TOO_LONG", message }]);
      }
      const search = text
        .trim()
        .replace(/^@/, "")
        .replace(/\p{Cs}/gu, "");
      // PostgreSQL's text has no NUL, so no name matches.
      if (search === "" || search.includes("\u0000")) return { rows: [], hasMore: false };
      const found = await store.find(search, after, limit + 1);
      return { rows: found.slice(0, limit), hasMore: found.length > limit };
    },
  };
}
