/** What decides: whether the conversation is open to all, and whether the viewer is in it. */
export interface ConversationAccess {
  visibility: "PUBLIC" | "PRIVATE";
  isMember: boolean;
}

/** Public conversations are known to everyone who is signed in, private ones to their members. */
export function canSeeConversation(access: ConversationAccess): boolean {
  return access.visibility === "PUBLIC" || access.isMember;
}
