import { builder } from "../../graphql/builder.ts";
import { EventInterface, type EventOf } from "../event/event-interface.schema.ts";
import { UserType } from "./user.schema.ts";

builder.objectRef<EventOf<"USER_CHANGED">>("UserChanged").implement({
  description: "Somebody changed their name, picture or status. Everybody hears of it.",
  interfaces: [EventInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "The person as they are since then.",
      resolve: (event) => event.payload.user,
    }),
  }),
});

builder.objectRef<EventOf<"USER_DELETED">>("UserDeleted").implement({
  description:
    "A user deleted their account. What they wrote is still there; show the new name wherever you show the person.",
  interfaces: [EventInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "The person as they are from now on: the same id, and a name that says nothing.",
      resolve: (event) => event.payload.user,
    }),
  }),
});
