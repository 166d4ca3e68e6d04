import { builder } from "../../graphql/builder.ts";
import { EventInterface, type EventOf } from "../event/event-interface.schema.ts";
import { UserType } from "../user/user.schema.ts";

const blockEvent = (name: "PersonBlocked" | "PersonUnblocked", description: string): void => {
  builder.objectRef<EventOf<"PERSON_BLOCKED" | "PERSON_UNBLOCKED">>(name).implement({
    description,
    interfaces: [EventInterface],
    fields: (t) => ({
      person: t.field({
        type: UserType,
        description: "The user.",
        resolve: (event) => event.payload.person,
      }),
    }),
  });
};

blockEvent("PersonBlocked", "You blocked a user. Only you receive this event.");
blockEvent("PersonUnblocked", "You unblocked a user. Only you receive this event.");
