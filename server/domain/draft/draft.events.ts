import { defineEvent, shape } from "../../log/define-event.ts";

/** For the author. Never contains the text, because a cleared draft must be gone. */
export const draftChanged = defineEvent({
  type: "DRAFT_CHANGED",
  payload: shape<{
    conversationId: string;
    threadRootId: string | null;
    /** Null for a cleared draft. */
    draftId: string | null;
  }>(),
  conversationOf: ({ payload }) => payload.conversationId,
});

export const draftEvents = [draftChanged];
