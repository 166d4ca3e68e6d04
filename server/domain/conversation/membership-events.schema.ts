import { builder } from "../../graphql/builder.ts";
import { globalId } from "../../graphql/node.ts";
import {
  conversationIdField,
  EventInterface,
  type EventOf,
} from "../event/event-interface.schema.ts";
import { UserType } from "../user/user.schema.ts";
import { ConversationInterface, MembershipType } from "./conversation.schema.ts";

builder.objectRef<EventOf<"MEMBER_JOINED">>("MemberJoined").implement({
  description: "Somebody joined a conversation; perhaps you.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.membership.conversationId),
    }),
    conversation: t.field({
      type: ConversationInterface,
      description: "The conversation.",
      resolve: (event) => event.payload.conversation,
    }),
    membership: t.field({
      type: MembershipType,
      description: "The new membership.",
      resolve: (event) => event.payload.membership,
    }),
  }),
});

const LeaveReasonEnum = builder.enumType("LeaveReason", {
  description: "Why a user left a conversation.",
  values: {
    LEFT: { description: "The user left." },
    REMOVED: { description: "A moderator removed the user." },
    BANNED: { description: "A moderator banned the user." },
  } as const,
});

builder.objectRef<EventOf<"MEMBER_LEFT">>("MemberLeft").implement({
  description: "A user left a conversation. If it was you, no further event of it follows.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.conversationId),
    }),
    user: t.field({
      type: UserType,
      description: "The user who left.",
      resolve: (event) => event.payload.user,
    }),
    leaveReason: t.field({
      type: LeaveReasonEnum,
      description:
        "Why the user left. Not named `reason`, because another type has a `reason` of a different type.",
      resolve: (event) => event.payload.reason,
    }),
    actor: t.field({
      type: UserType,
      nullable: true,
      description:
        "Who removed or banned the person, for those who stay; null for the person, and where they went by themselves.",
      resolve: (event) => event.payload.actor,
    }),
  }),
});

builder.objectRef<EventOf<"MEMBERSHIP_CHANGED">>("MembershipChanged").implement({
  description: "A member has another role, or is muted or no longer so; perhaps you.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.membership.conversationId),
    }),
    membership: t.field({
      type: MembershipType,
      description: "The current membership.",
      resolve: (event) => event.payload.membership,
    }),
  }),
});
