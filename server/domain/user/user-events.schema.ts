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
