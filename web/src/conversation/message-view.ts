import type { OutboxItem, TimelineEntry } from "@parley/sdk/state";
import type { Me } from "../session/session.ts";
import type { StoredMessage } from "./room-source.ts";
import { noteOf } from "./system-note.ts";
import type { MessageView } from "./rows.ts";

/**
 * Converts a timeline entry for display.
 *
 * @param entry a stored or an unsent message
 * @param me the viewer, who is the author of unsent messages
 */
export function toMessageView(
  entry: TimelineEntry<StoredMessage, OutboxItem>,
  me: Me,
): MessageView {
  if (entry.kind === "message") {
    const { message } = entry;
    return {
      key: entry.key,
      seq: message.seq,
      author: message.author,
      body: message.body,
      files: message.attachments,
      note: noteOf(message),
      createdAt: message.createdAt,
      edited: message.editedAt !== null,
      deleted: message.deletedAt !== null,
      own: message.author.id === me.id,
      state: "stored",
      problem: undefined,
    };
  }
  const { pending } = entry;
  const failed = pending.state === "failed";
  // An earlier attempt failed and a retry is scheduled: the server is unreachable or overloaded.
  const waiting = pending.state === "queued" && pending.attempts > 0;
  return {
    key: entry.key,
    seq: undefined,
    author: me,
    body: pending.body,
    files: [],
    note: undefined,
    createdAt: new Date(pending.order).toISOString(),
    edited: false,
    deleted: false,
    own: true,
    state: failed ? "failed" : waiting ? "waiting" : "sending",
    problem: failed ? (pending.error?.message ?? "Couldn't send this message.") : undefined,
  };
}
