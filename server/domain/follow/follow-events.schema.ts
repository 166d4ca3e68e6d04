import type { EventDefinition } from "../../log/define-event.ts";
import { eventType } from "../event/event-interface.schema.ts";
import type { UserRecord } from "../user/user.record.ts";
import { UserType } from "../user/user.schema.ts";
import { personMuted, personUnmuted, userFollowed, userUnfollowed } from "./follow.events.ts";

const followEvent = (
  definition: EventDefinition<string, { follower: UserRecord; followed: UserRecord }>,
  description: string,
): void => {
  eventType(definition, {
    description,
    fields: (t) => ({
      follower: t.field({
        type: UserType,
        description: "The following user, who may be you.",
        resolve: (event) => event.payload.follower,
      }),
      followed: t.field({
        type: UserType,
        description: "The followed user, who may be you.",
        resolve: (event) => event.payload.followed,
      }),
    }),
  });
};

followEvent(
  userFollowed,
  "You followed a user, or a user followed you. Only the two of you receive this event.",
);
followEvent(
  userUnfollowed,
  "You unfollowed a user, or a user unfollowed you. Only the two of you receive this event.",
);

const muteEvent = (
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

muteEvent(personMuted, "You muted a user. Only you receive this event.");
muteEvent(personUnmuted, "You unmuted a user. Only you receive this event.");
