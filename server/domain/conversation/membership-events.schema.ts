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
      description: "Who joined, and as what.",
      resolve: (event) => event.payload.membership,
    }),
  }),
});

const LeaveReasonEnum = builder.enumType("LeaveReason", {
  description: "How somebody came to leave a conversation.",
  values: {
    LEFT: { description: "They went by themselves." },
    REMOVED: { description: "Somebody who keeps order took them out." },
    BANNED: { description: "Somebody who keeps order banned them: they cannot come back yet." },
  } as const,
});

builder.objectRef<EventOf<"MEMBER_LEFT">>("MemberLeft").implement({
  description: "Somebody left a conversation. If it was you, nothing more of it follows.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.conversationId),
    }),
    user: t.field({
      type: UserType,
      description: "Who left.",
      resolve: (event) => event.payload.user,
    }),
    leaveReason: t.field({
      type: LeaveReasonEnum,
      description:
        "How that came about. Not called `reason`, for that is of another type beside it.",
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
      description: "The member's place as it is now.",
      resolve: (event) => event.payload.membership,
    }),
  }),
});
