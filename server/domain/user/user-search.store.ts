import { isTimeout, type Database } from "../../infra/database/database.ts";
import { SearchTimeoutError } from "../search/search.errors.ts";
import type { UserRecord } from "./user.record.ts";

/** Number of matching names among which the best are found. */
const CANDIDATES = 500;

/** Sort key of found users: lowest score first, then by username. */
export interface UserSearchKey {
  score: number;
  usernameKey: string;
}

export type FoundUser = UserRecord & UserSearchKey;

export interface UserSearchStore {
  /** @throws SearchTimeoutError */
  find(search: string, after: UserSearchKey | null, limit: number): Promise<FoundUser[]>;
}

/**
 * Scores: the exact username, its prefix, the name's prefix, a word's prefix, a substring, and last a
 * similar spelling.
 */
const FIND = `
  WITH sought AS (SELECT name_fold($1::text) AS name, lower($1::text) AS key),
  fitting AS (
    (SELECT id FROM "User" WHERE "usernameKey" LIKE $2::text ORDER BY "usernameKey"::text USING ~<~ LIMIT ${String(CANDIDATES)})
    UNION
    (SELECT id FROM "User" WHERE name_words(username || ' ' || "displayName") @@ name_query($1::text) LIMIT ${String(CANDIDATES)})
  ), scored AS (
    SELECT u.id, u.username, u."usernameKey", u."displayName", u."createdAt", u."avatarId", u."statusText", u."changedAt",
           CASE
             WHEN u."usernameKey" = sought.key THEN 0
             WHEN starts_with(u."usernameKey", sought.key) THEN 1000
             WHEN starts_with(folded.name, sought.name) THEN 2000
             WHEN strpos(' ' || folded.name, ' ' || sought.name) > 0 THEN 3000
             WHEN strpos(folded.name || ' ' || u."usernameKey", sought.name) > 0 THEN 4000
             ELSE 5000 + least(abs(length(sought.name) - length(folded.name)), abs(length(sought.name) - length(u."usernameKey")))
           END AS score
    FROM fitting JOIN "User" u ON u.id = fitting.id
      AND NOT EXISTS (SELECT 1 FROM "AccountDeletion" d WHERE d."userId" = u.id)
    CROSS JOIN sought CROSS JOIN LATERAL (SELECT name_fold(u."displayName") AS name) folded
  )
  SELECT * FROM scored
  WHERE (score, "usernameKey") > ($3::int, $4::text)
  ORDER BY score, "usernameKey" LIMIT $5::int`;

export function makeUserSearchStore(database: Database): UserSearchStore {
  return {
    find: async (search, after, limit) => {
      const beginning = `${search.toLowerCase().replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
      try {
        return await database.bounded.queryUnprepared<FoundUser>(FIND, [
          search,
          beginning,
          after?.score ?? -1,
          after?.usernameKey ?? "",
          limit,
        ]);
      } catch (error) {
        throw isTimeout(error) ? new SearchTimeoutError() : error;
      }
    },
  };
}
