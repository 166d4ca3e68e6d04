/** What decides: whether the conversation is open to all, and the viewer's place in it. */
export interface ConversationAccess {
  visibility: "PUBLIC" | "PRIVATE";
  isMember: boolean;
  /** Whether a ban of the viewer is in force. */
  isBanned: boolean;
}

/** That a public conversation exists, and its name, is for everyone who is signed in; a private one's for its members. */
export function canDiscoverConversation(access: ConversationAccess): boolean {
  return access.visibility === "PUBLIC" || access.isMember;
}

/** Whoever may know of a conversation may look into it, but for those who are banned from it. */
export function canReadConversation(access: ConversationAccess): boolean {
  return canDiscoverConversation(access) && !access.isBanned;
}
