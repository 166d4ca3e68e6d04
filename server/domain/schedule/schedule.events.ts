import { defineEvent, shape } from "../../log/define-event.ts";

/** For the author. */
export const scheduledMessageChanged = defineEvent({
  type: "SCHEDULED_MESSAGE_CHANGED",
  payload: shape<{
    scheduledId: string;
    conversationId: string;
    /** When it will be sent; null for a message that is no longer scheduled. */
    dueAt: Date | null;
  }>(),
  conversationOf: ({ payload }) => payload.conversationId,
});

export const scheduleEvents = [scheduledMessageChanged];
