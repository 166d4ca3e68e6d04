/** The inputs of the decision about access to a conversation. */
export interface ConversationAccess {
  visibility: "PUBLIC" | "PRIVATE";
  isMember: boolean;
  /** Whether a ban of the viewer is in force. */
  isBanned: boolean;
}

/**
 * Every logged-in user may know that a public conversation exists, and its name. Only members may know of
 * a private one.
 */
export function canDiscoverConversation(access: ConversationAccess): boolean {
  return access.visibility === "PUBLIC" || access.isMember;
}

/** Users who may know of a conversation may read it, unless they are banned from it. */
export function canReadConversation(access: ConversationAccess): boolean {
  return canDiscoverConversation(access) && !access.isBanned;
}
