/** All types of SYSTEM messages, with the meaning of `target` and `value`. */
export const SYSTEM_MESSAGES = {
  MEMBER_JOINED: "The author joined.",
  MEMBER_LEFT: "The author left.",
  MEMBER_REMOVED: "The author removed the target from the room.",
  MEMBER_BANNED:
    "The author banned the target; `value` is the end of the ban, null for a permanent ban.",
  ROLE_CHANGED: "The author gave the target the role `value`.",
  OWNERSHIP_TRANSFERRED: "The author transferred the room to the target.",
  NAME_CHANGED: "The author renamed the room to `value`.",
  TOPIC_CHANGED: "The author set the topic to `value`; null for none.",
  PICTURE_CHANGED: "The author changed the room's picture.",
  VISIBILITY_CHANGED: "The author made the room `PUBLIC` or `PRIVATE`: `value`.",
  SLOW_MODE_CHANGED: "The author set slow mode to `value` seconds between two messages.",
  ROOM_ARCHIVED: "The author archived the room.",
  ROOM_UNARCHIVED: "The author unarchived the room.",
} as const;

export type SystemMessageTypeName = keyof typeof SYSTEM_MESSAGES;

/** A change to record in the history of a conversation. */
export interface SystemMessage {
  conversationId: string;
  /** Id of the user who made the change. */
  actorId: string;
  type: SystemMessageTypeName;
  /** Id of the affected user, if not the actor. */
  targetId?: string | null;
  /** The new value: a role, a topic, a name. */
  value?: string | null;
}

/** Whether this version knows the type; a newer instance may already write others. */
export function isSystemMessageType(type: string): type is SystemMessageTypeName {
  return Object.hasOwn(SYSTEM_MESSAGES, type);
}
