import { builder } from "../../graphql/builder.ts";
import { globalId } from "../../graphql/node.ts";
import {
  conversationIdField,
  EventInterface,
  type EventOf,
} from "../event/event-interface.schema.ts";
import { InviteType } from "./invite.schema.ts";

builder.objectRef<EventOf<"INVITE_RECEIVED">>("InviteReceived").implement({
  description: "You are asked into a room.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.invite.room.id),
    }),
    invite: t.field({
      type: InviteType,
      description: "The invite.",
      resolve: (event) => event.payload.invite,
    }),
  }),
});
builder.objectRef<EventOf<"INVITE_ENDED">>("InviteEnded").implement({
  description: "An invite of yours was accepted or declined, or taken back.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.roomId),
    }),
    inviteId: t.id({
      description: "Global id of the invite, which is gone.",
      resolve: (event) => globalId("Invite", event.payload.inviteId),
    }),
  }),
});
