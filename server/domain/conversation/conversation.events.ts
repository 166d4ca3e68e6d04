import { defineEvent, shape } from "../../log/define-event.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { ConversationRecord, LeaveReason, MembershipRecord } from "./conversation.record.ts";

export const memberJoined = defineEvent({
  type: "MEMBER_JOINED",
  topic: ({ membership }) => membership.conversationId,
  payload: shape<{ conversation: ConversationRecord; membership: MembershipRecord }>(),
  conversationOf: ({ payload }) => payload.membership.conversationId,
});

/**
 * Appended twice: for the user who left and for the remaining members. A user who rejoined has both
 * topics and receives only the first.
 */
export const memberLeft = defineEvent({
  type: "MEMBER_LEFT",
  payload: shape<{
    conversationId: string;
    user: UserRecord;
    reason: LeaveReason;
    /** Who removed or banned the user. Null for the user, and after leaving by choice. */
    actor: UserRecord | null;
  }>(),
  conversationOf: ({ payload }) => payload.conversationId,
  isRelevantTo: ({ topic, payload }, userId) => topic === userId || payload.user.id !== userId,
});

export const membershipChanged = defineEvent({
  type: "MEMBERSHIP_CHANGED",
  topic: ({ membership }) => membership.conversationId,
  payload: shape<{ membership: MembershipRecord }>(),
  conversationOf: ({ payload }) => payload.membership.conversationId,
});

export const conversationEvents = [memberJoined, memberLeft, membershipChanged];
