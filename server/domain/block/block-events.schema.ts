import type { EventDefinition } from "../../log/define-event.ts";
import { eventType } from "../event/event-interface.schema.ts";
import type { UserRecord } from "../user/user.record.ts";
import { UserType } from "../user/user.schema.ts";
import { personBlocked, personUnblocked } from "./block.events.ts";

const blockEvent = (
  definition: EventDefinition<string, { person: UserRecord }>,
  description: string,
): void => {
  eventType(definition, {
    description,
    fields: (t) => ({
      person: t.field({
        type: UserType,
        description: "The user.",
        resolve: (event) => event.payload.person,
      }),
    }),
  });
};

blockEvent(personBlocked, "You blocked a user. Only you receive this event.");
blockEvent(personUnblocked, "You unblocked a user. Only you receive this event.");
