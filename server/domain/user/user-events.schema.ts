import { builder } from "../../graphql/builder.ts";
import { EventInterface, type EventOf } from "../event/event-interface.schema.ts";
import { UserType } from "./user.schema.ts";

builder.objectRef<EventOf<"USER_CHANGED">>("UserChanged").implement({
  description: "A user changed their name, picture or status. All users receive this event.",
  interfaces: [EventInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "The changed user.",
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
      description: "The user from now on: the same id and an anonymous name.",
      resolve: (event) => event.payload.user,
    }),
  }),
});
