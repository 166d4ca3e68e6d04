import { builder } from "../../graphql/builder.ts";
import { EventInterface, type EventOf } from "../event/event-interface.schema.ts";
import { UserType } from "../user/user.schema.ts";

const followEvent = (name: "Followed" | "Unfollowed", description: string): void => {
  builder.objectRef<EventOf<"FOLLOWED" | "UNFOLLOWED">>(name).implement({
    description,
    interfaces: [EventInterface],
    fields: (t) => ({
      follower: t.field({
        type: UserType,
        description: "Who follows; perhaps you.",
        resolve: (event) => event.payload.follower,
      }),
      followed: t.field({
        type: UserType,
        description: "Who is followed; perhaps you.",
        resolve: (event) => event.payload.followed,
      }),
    }),
  });
};

followEvent(
  "Followed",
  "You followed a user, or a user followed you. Only the two of you receive this event.",
);
followEvent(
  "Unfollowed",
  "You unfollowed a user, or a user unfollowed you. Only the two of you receive this event.",
);

const muteEvent = (name: "PersonMuted" | "PersonUnmuted", description: string): void => {
  builder.objectRef<EventOf<"PERSON_MUTED" | "PERSON_UNMUTED">>(name).implement({
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

muteEvent("PersonMuted", "You muted a user. Only you receive this event.");
muteEvent("PersonUnmuted", "You unmuted a user. Only you receive this event.");
