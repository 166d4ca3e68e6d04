import { globalId } from "../../graphql/node.ts";
import { eventType } from "../event/event-interface.schema.ts";
import { sessionEnded } from "./session.events.ts";

eventType(sessionEnded, {
  description: "One of your sessions was ended. Only you receive this event.",
  fields: (t) => ({
    sessionId: t.id({
      description: "Global id of the session.",
      resolve: (event) => globalId("Session", event.payload.sessionId),
    }),
  }),
});
