import { eventType } from "../event/event-interface.schema.ts";
import { MessageChangeInterface } from "../message/message-events.schema.ts";
import { UserType } from "../user/user.schema.ts";
import { reactionAdded, reactionRemoved } from "./reaction.events.ts";

eventType(reactionAdded, {
  description: "A user reacted to a message.",
  interfaces: [MessageChangeInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "The user who reacted.",
      resolve: (event) => event.payload.user,
    }),
    emoji: t.string({ description: "The emoji.", resolve: (event) => event.payload.emoji }),
  }),
});
eventType(reactionRemoved, {
  description: "A user removed a reaction.",
  interfaces: [MessageChangeInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "The user whose reaction it was.",
      resolve: (event) => event.payload.user,
    }),
    emoji: t.string({ description: "The emoji.", resolve: (event) => event.payload.emoji }),
  }),
});
