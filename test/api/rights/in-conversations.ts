import type { Variables } from "../../kit/socket.ts";
import { the, tomorrow, type CasesInPlaces, type Prepare } from "./prepare.ts";

const aMessage =
  (more: Variables = {}): Prepare =>
  async (place) => ({ messageId: await place.message("fellow"), ...more });

const theirOwn =
  (more: Variables = {}): Prepare =>
  async (place, actor) =>
    place.hasEntered(actor) ? { messageId: await place.message(actor), ...more } : null;

const aDeleted =
  (more: Variables = {}): Prepare =>
  async (place) => ({ messageId: await place.deletedMessage("fellow"), ...more });

const aNote =
  (more: Variables = {}): Prepare =>
  async (place) => {
    const messageId = await place.note();
    return messageId === null ? null : { messageId, ...more };
  };

const scheduled =
  (by: "theirs" | "another's", more: Variables = {}): Prepare =>
  async (place, actor) => {
    const name = by === "theirs" ? actor : "fellow";
    if (!place.hasEntered(name)) return null;
    return { scheduledMessageId: await place.scheduled(name), ...more };
  };

/** Mutations about conversations of all kinds and their messages. */
export const IN_CONVERSATIONS: CasesInPlaces = {
  addReaction: {
    "a message": aMessage({ emoji: "🎉" }),
    "a deleted message": aDeleted({ emoji: "🎉" }),
    "a note": aNote({ emoji: "🎉" }),
  },
  cancelScheduledMessage: { "their own": scheduled("theirs"), "another's": scheduled("another's") },
  deleteMessage: {
    "a member's": aMessage(),
    "their own": theirOwn(),
    "a deleted message": aDeleted(),
    "a note": aNote(),
  },
  editMessage: {
    "their own": theirOwn({ body: "better" }),
    "a member's": aMessage({ body: "better" }),
    "their own, deleted": async (place, actor) =>
      place.hasEntered(actor)
        ? { messageId: await place.deletedMessage(actor), body: "better" }
        : null,
    "a note": aNote({ body: "better" }),
  },
  editScheduledMessage: {
    "their own": scheduled("theirs", { body: "better" }),
    "another's": scheduled("another's", { body: "better" }),
  },
  followThread: {
    "a message": async (place) => ({ threadRootId: await place.message("fellow") }),
    "a deleted message": async (place) => ({ threadRootId: await place.deletedMessage("fellow") }),
  },
  markDelivered: {
    "the conversation": async (place) => {
      await place.message("fellow");
      return { marks: [{ conversationId: place.id, seq: 1 }] };
    },
  },
  markRead: { "the conversation": the("conversationId", { seq: 1 }) },
  markUnread: { "the conversation": the("conversationId", { seq: 1 }) },
  pinMessage: { "a message": aMessage(), "a deleted message": aDeleted(), "a note": aNote() },
  removeReaction: {
    "their own": async (place, actor) =>
      place.hasEntered(actor) ? { messageId: await place.reaction(actor), emoji: "🎉" } : null,
    "none of theirs": aMessage({ emoji: "🙈" }),
    "a deleted message": aDeleted({ emoji: "🎉" }),
  },
  report: {
    "a member's message": aMessage({ reason: "SPAM" }),
    "their own message": theirOwn({ reason: "SPAM" }),
    "a deleted message": aDeleted({ reason: "SPAM" }),
    "the room": the("roomId", { reason: "SPAM" }),
  },
  resolveReport: {
    "a report of a member": async (place) => ({
      reportId: await place.report("fellow"),
      resolution: "DISMISSED",
    }),
    "a report of themselves": async (place, actor) =>
      place.hasEntered(actor)
        ? { reportId: await place.report(actor), resolution: "DISMISSED" }
        : null,
  },
  saveDraft: { "the conversation": the("conversationId", { body: "hel" }) },
  scheduleMessage: {
    "the conversation": the("conversationId", { body: "hello", sendAt: tomorrow() }),
  },
  sendMessage: {
    "the conversation": the("conversationId", { body: "hello" }),
    "a reply to a deleted message": async (place) => ({
      conversationId: place.id,
      body: "hello",
      replyToId: await place.deletedMessage("fellow"),
    }),
    "a thread": async (place) => ({
      conversationId: place.id,
      body: "hello",
      threadRootId: await place.message("fellow"),
    }),
    "a thread of a deleted message": async (place) => ({
      conversationId: place.id,
      body: "hello",
      threadRootId: await place.deletedMessage("fellow"),
    }),
  },
  setNotifications: { "the conversation": the("conversationId", { level: "MENTIONS" }) },
  setTyping: { "the conversation": the("conversationId", { typing: true }) },
  unfollowThread: {
    "a message": async (place) => ({ threadRootId: await place.message("fellow") }),
  },
  unpinMessage: { "a message": aMessage(), "a deleted message": aDeleted(), "a note": aNote() },
};
