import { defineEvent, shape } from "../../log/define-event.ts";

/** For the user who follows. */
export const threadFollowChanged = defineEvent({
  type: "THREAD_FOLLOW_CHANGED",
  payload: shape<{ conversationId: string; rootId: string; following: boolean }>(),
  conversationOf: ({ payload }) => payload.conversationId,
});

export const threadEvents = [threadFollowChanged];
