import { builder } from "../../graphql/builder.ts";
import { EventInterface, type EventOf } from "../event/event-interface.schema.ts";
import { MessageChangeInterface } from "../message/message-events.schema.ts";
import { UserType } from "../user/user.schema.ts";

builder.objectRef<EventOf<"REACTION_ADDED">>("ReactionAdded").implement({
  description: "A user reacted to a message.",
  interfaces: [EventInterface, MessageChangeInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "The user who reacted.",
      resolve: (event) => event.payload.user,
    }),
    emoji: t.string({ description: "The emoji.", resolve: (event) => event.payload.emoji }),
  }),
});
builder.objectRef<EventOf<"REACTION_REMOVED">>("ReactionRemoved").implement({
  description: "A user removed a reaction.",
  interfaces: [EventInterface, MessageChangeInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "The user whose reaction it was.",
      resolve: (event) => event.payload.user,
    }),
    emoji: t.string({ description: "The emoji.", resolve: (event) => event.payload.emoji }),
  }),
});
