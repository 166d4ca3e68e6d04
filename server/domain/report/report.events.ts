import { defineEvent, shape } from "../../log/define-event.ts";

/** Appended once for each user who may handle the report. */
export const reportChanged = defineEvent({
  type: "REPORT_CHANGED",
  payload: shape<{ reportId: string; status: "OPEN" | "RESOLVED" }>(),
});

export const reportEvents = [reportChanged];
