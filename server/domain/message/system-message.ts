/** What a message of the kind SYSTEM may tell, with what its `target` and `value` then are. */
export const SYSTEM_MESSAGES = {
  MEMBER_JOINED: "The author joined.",
  MEMBER_LEFT: "The author left.",
  MEMBER_REMOVED: "The author took the target out of the room.",
  MEMBER_BANNED: "The author banned the target; `value` is until when, null for good.",
  ROLE_CHANGED: "The author gave the target the role `value`.",
  OWNERSHIP_TRANSFERRED: "The room passed from the author to the target.",
  NAME_CHANGED: "The author named the room `value`.",
  TOPIC_CHANGED: "The author set the topic to `value`; null for none.",
  PICTURE_CHANGED: "The author changed the room's picture.",
  VISIBILITY_CHANGED: "The author made the room `PUBLIC` or `PRIVATE`: `value`.",
  SLOW_MODE_CHANGED: "The author set the pause between two messages to `value` seconds.",
  ROOM_ARCHIVED: "The author archived the room.",
  ROOM_UNARCHIVED: "The author opened the room again.",
} as const;

export type SystemMessageTypeName = keyof typeof SYSTEM_MESSAGES;

/** Something that happened in a conversation and is to stand in its history. */
export interface SystemMessage {
  conversationId: string;
  /** Id of the person who did it. */
  actorId: string;
  type: SystemMessageTypeName;
  /** Id of the person to whom it happened, when that is not the actor. */
  targetId?: string | null;
  /** What it became: a role, a topic, a name. */
  value?: string | null;
}

/** Whether this version of the server knows the type; a newer instance may already write others. */
export function isSystemMessageType(type: string): type is SystemMessageTypeName {
  return Object.hasOwn(SYSTEM_MESSAGES, type);
}
