import { defineEvent, shape } from "../../log/define-event.ts";

/** For the user of the session. */
export const sessionEnded = defineEvent({
  type: "SESSION_ENDED",
  payload: shape<{ sessionId: string }>(),
});

export const sessionEvents = [sessionEnded];
