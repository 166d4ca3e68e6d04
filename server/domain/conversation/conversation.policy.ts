import type { ConversationAccess } from "./conversation.record.ts";

/**
 * Every logged-in user may know that a public conversation exists, and its name. Only members may know of
 * a private one. A ban does not hide a public conversation.
 *
 * Stores apply this rule and `canRead` in SQL; test/infra/can-read.test.ts proves that they agree.
 */
export function canDiscover(access: ConversationAccess): boolean {
  return access.visibility === "PUBLIC" || access.isMember;
}

/**
 * Users who may know of a conversation may read its messages, threads and members, unless they are banned
 * from it.
 */
export function canRead(access: ConversationAccess): boolean {
  return canDiscover(access) && !access.isBanned;
}
