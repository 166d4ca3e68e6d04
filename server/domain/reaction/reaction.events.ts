import { defineEvent, shape } from "../../log/define-event.ts";
import { messageReference } from "../message/message.events.ts";
import type { UserRecord } from "../user/user.record.ts";

export const reactionAdded = defineEvent({
  type: "REACTION_ADDED",
  reference: messageReference,
  payload: shape<{ user: UserRecord; emoji: string }>(),
  conversationOf: ({ topic }) => topic,
});

export const reactionRemoved = defineEvent({
  type: "REACTION_REMOVED",
  reference: messageReference,
  payload: shape<{ user: UserRecord; emoji: string }>(),
  conversationOf: ({ topic }) => topic,
});

export const reactionEvents = [reactionAdded, reactionRemoved];
