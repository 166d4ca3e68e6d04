import { eventType } from "../event/event-interface.schema.ts";
import { UserType } from "./user.schema.ts";
import { userChanged, userDeleted } from "./user.events.ts";

eventType(userChanged, {
  description: "A user changed their name, picture or status. All users receive this event.",
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "The changed user.",
      resolve: (event) => event.payload.user,
    }),
  }),
});

eventType(userDeleted, {
  description:
    "A user deleted their account. Their messages remain; show the new name wherever you show the user.",
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "The user from now on: the same id and an anonymous name.",
      resolve: (event) => event.payload.user,
    }),
  }),
});
