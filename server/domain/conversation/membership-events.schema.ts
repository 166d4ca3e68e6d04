import { builder } from "../../graphql/builder.ts";
import { eventType } from "../event/event-interface.schema.ts";
import { UserType } from "../user/user.schema.ts";
import { ConversationInterface, MembershipType } from "./conversation.schema.ts";
import { memberJoined, memberLeft, membershipChanged } from "./conversation.events.ts";

eventType(memberJoined, {
  description: "A user, who may be you, joined a conversation.",
  fields: (t) => ({
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

eventType(memberLeft, {
  description: "A user left a conversation. If it was you, no further event of it follows.",
  fields: (t) => ({
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
        "For the remaining members, the user who removed or banned the member. Null for the removed user, and if the member left voluntarily.",
      resolve: (event) => event.payload.actor,
    }),
  }),
});

eventType(membershipChanged, {
  description: "The role or the mute of a member, who may be you, changed.",
  fields: (t) => ({
    membership: t.field({
      type: MembershipType,
      description: "The current membership.",
      resolve: (event) => event.payload.membership,
    }),
  }),
});
