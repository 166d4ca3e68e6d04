import { defineEvent, shape } from "../../log/define-event.ts";
import type { LogEvent } from "../../log/event.ts";
import type { RowReference } from "../../log/reference.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { MessageRecord } from "./message.record.ts";

/** The text of a message is in its own row only. */
export const messageReference: RowReference<"message", "messageId", MessageRecord> = {
  field: "message",
  idField: "messageId",
  column: "messageId",
  row: shape<MessageRecord>(),
};

const aboutMessage = {
  reference: messageReference,
  conversationOf: ({ topic }: LogEvent) => topic,
};

export const messageSent = defineEvent({
  ...aboutMessage,
  type: "MESSAGE_SENT",
  payload: shape<object>(),
  formsRuns: true,
});

export const messageEdited = defineEvent({
  ...aboutMessage,
  type: "MESSAGE_EDITED",
  payload: shape<object>(),
  revises: { revise: withMessage },
});

export const messageDeleted = defineEvent({
  ...aboutMessage,
  type: "MESSAGE_DELETED",
  /** The conversation's counters after the deletion: a client sees whether its own include it. */
  payload: shape<{ lastSeq: number; counted: number }>(),
  revises: { revise: withMessage },
});

export const messagePinned = defineEvent({
  ...aboutMessage,
  type: "MESSAGE_PINNED",
  payload: shape<{ user: UserRecord }>(),
});

export const messageUnpinned = defineEvent({
  ...aboutMessage,
  type: "MESSAGE_UNPINNED",
  payload: shape<{ user: UserRecord }>(),
});

export const messageEvents = [
  messageSent,
  messageEdited,
  messageDeleted,
  messagePinned,
  messageUnpinned,
];

type MessageEvent = LogEvent<string, { message: MessageRecord }>;

/** Replaces the message in an earlier event, as the event's own message or as the one it replies to. */
function withMessage(earlier: LogEvent, { payload: { message } }: MessageEvent): LogEvent {
  if (!hasMessage(earlier)) return earlier;
  const current = earlier.payload.message;
  if (current.id === message.id) return replaced(earlier, message);
  if (current.replyTo?.id !== message.id) return earlier;
  return replaced(earlier, { ...current, replyTo: { ...message, replyTo: null } });
}

function hasMessage(event: LogEvent): event is MessageEvent {
  return "message" in event.payload;
}

function replaced(event: MessageEvent, message: MessageRecord): LogEvent {
  return { ...event, payload: { ...event.payload, message } };
}
