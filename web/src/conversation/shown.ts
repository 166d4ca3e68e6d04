import type { OutboxItem, TimelineEntry } from "@parley/sdk/state";
import type { Me } from "../session/session.ts";
import type { StoredMessage } from "./room-source.ts";
import { noteOf } from "./notes.ts";
import type { ShownMessage } from "./rows.ts";

/**
 * What the list shows of an entry of the timeline.
 *
 * @param entry a stored message, or one that is on its way
 * @param me who is looking; the author of whatever is on its way
 */
export function shownMessage(
  entry: TimelineEntry<StoredMessage, OutboxItem>,
  me: Me,
): ShownMessage {
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
  // Tried in vain and to be tried again: the connection is away, or the server has too much to do.
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
    problem: failed ? (pending.error?.message ?? "It could not be sent.") : undefined,
  };
}
