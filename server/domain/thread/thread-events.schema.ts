import { builder } from "../../graphql/builder.ts";
import { globalId } from "../../graphql/node.ts";
import {
  conversationIdField,
  EventInterface,
  type EventOf,
} from "../event/event-interface.schema.ts";

builder.objectRef<EventOf<"THREAD_FOLLOW_CHANGED">>("ThreadFollowChanged").implement({
  description: "You followed or unfollowed a thread. Only you receive this event.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.conversationId),
    }),
    rootId: t.id({
      description: "Global id of the root message.",
      resolve: (event) => globalId("Message", event.payload.rootId),
    }),
    following: t.boolean({
      description: "Whether you now follow it.",
      resolve: (event) => event.payload.following,
    }),
  }),
});
