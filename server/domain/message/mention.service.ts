import type { MentionRecord } from "./message.record.ts";
import type { Db } from "../../log/unit.ts";
import { usernameKey } from "../user/user.service.ts";
import { mentionCandidates } from "./mention-text.ts";
import { canMentionAll } from "./mention.policy.ts";
import type { MentionPage, MentionStore, PlacedMessage } from "./mention.store.ts";

export type { MentionPage, PlacedMessage } from "./mention.store.ts";

/** Names that mention all members. */
const EVERYONE = new Map<string, "HERE" | "ROOM">([
  ["here", "HERE"],
  ["room", "ROOM"],
]);

export interface MentionService {
  /**
   * Resolves the mentions of a text in a conversation: members by username and, where the author may, all
   * members. Queries the database once, and only if the text contains an `@`.
   */
  resolve(
    authorId: string,
    conversationId: string,
    body: string,
    db?: Db,
  ): Promise<MentionRecord[]>;
  /** Messages of other users that mention the viewer, in the viewer's conversations, newest first. */
  page(viewerId: string, page: MentionPage): Promise<PlacedMessage[]>;
}

export interface MentionServiceOptions {
  store: MentionStore;
  /** Maximum number of members of a room in which every member may mention all. */
  smallRoom: number;
}

export function makeMentionService({ store, smallRoom }: MentionServiceOptions): MentionService {
  return {
    page: store.page,
    resolve: async (authorId, conversationId, body, db) => {
      if (!body.includes("@")) return [];
      const candidates = mentionCandidates(body);
      if (candidates.length === 0) return [];
      const keys = new Set(candidates.flatMap(({ names }) => names.map(usernameKey)));
      const found = await store.resolve(authorId, conversationId, [...keys], db);
      if (found === null) return [];
      const people = new Map(found.people.map((named) => [named.user.usernameKey, named]));
      const canMentionEveryone = canMentionAll(found.rights, smallRoom);
      return candidates.flatMap(({ start, names }): MentionRecord[] => {
        const name = names.find((one) => {
          const key = usernameKey(one);
          return EVERYONE.has(key) ? isEveryone(one, names) : people.has(key);
        });
        if (name === undefined) return [];
        const place = { start, length: name.length + 1 };
        const all = EVERYONE.get(usernameKey(name));
        if (all !== undefined)
          return canMentionEveryone ? [{ kind: all, userId: null, user: null, ...place }] : [];
        const named = people.get(usernameKey(name));
        // A name of a non-member mentions no one, not even a member with a shorter name.
        if (named === undefined || !named.isMember) return [];
        return [{ kind: "USER", userId: named.user.id, user: named.user, ...place }];
      });
    },
  };
}

/**
 * Whether a name mentions all members; as the prefix of a longer name, such as `@room-mate`, it does not.
 */
function isEveryone(name: string, [longest = ""]: readonly string[]): boolean {
  return !/^[_.-]/.test(longest.slice(name.length));
}
