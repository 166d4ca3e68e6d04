import { builder } from "../../graphql/builder.ts";
import { globalId } from "../../graphql/node.ts";
import {
  conversationIdField,
  EventInterface,
  type EventOf,
} from "../event/event-interface.schema.ts";
import { InviteType } from "./invite.schema.ts";

builder.objectRef<EventOf<"INVITE_RECEIVED">>("InviteReceived").implement({
  description: "You were invited to a room.",
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
  description: "One of your invites was accepted, declined or withdrawn.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.roomId),
    }),
    inviteId: t.id({
      description: "Global id of the ended invite.",
      resolve: (event) => globalId("Invite", event.payload.inviteId),
    }),
  }),
});
