import { globalId } from "../../graphql/node.ts";
import { eventType } from "../event/event-interface.schema.ts";
import { threadFollowChanged } from "./thread.events.ts";

eventType(threadFollowChanged, {
  description: "You followed or unfollowed a thread. Only you receive this event.",
  fields: (t) => ({
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
