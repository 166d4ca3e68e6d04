/** What decides about reading: whether the conversation is open to all, and whether the viewer is in it. */
export interface ConversationAccess {
  visibility: "PUBLIC" | "PRIVATE";
  isMember: boolean;
}

/** Public conversations may be read by everyone who is signed in, private ones by their members. */
export function canReadMessages(access: ConversationAccess): boolean {
  return access.visibility === "PUBLIC" || access.isMember;
}
