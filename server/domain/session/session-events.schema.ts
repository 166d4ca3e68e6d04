import { builder } from "../../graphql/builder.ts";
import { globalId } from "../../graphql/node.ts";
import { EventInterface, type EventOf } from "../event/event-interface.schema.ts";

builder.objectRef<EventOf<"SESSION_ENDED">>("SessionEnded").implement({
  description: "One of your sessions was ended. Only you receive this event.",
  interfaces: [EventInterface],
  fields: (t) => ({
    sessionId: t.id({
      description: "Global id of the session.",
      resolve: (event) => globalId("Session", event.payload.sessionId),
    }),
  }),
});
