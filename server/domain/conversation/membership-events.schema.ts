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

builder.objectRef<EventOf<"MEMBERSHIP_CHANGED">>("MembershipChanged").implement({
  description: "Somebody may do something else in a conversation than before: has another role.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.membership.conversationId),
    }),
    membership: t.field({
      type: MembershipType,
      description: "The membership as it is now.",
      resolve: (event) => event.payload.membership,
    }),
  }),
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
  }),
});
