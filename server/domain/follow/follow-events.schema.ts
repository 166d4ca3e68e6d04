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

followEvent("Followed", "You follow somebody, or somebody follows you. Nobody else hears of it.");
followEvent(
  "Unfollowed",
  "You follow somebody no longer, or somebody does not follow you any more. Nobody else hears of it.",
);

const muteEvent = (name: "PersonMuted" | "PersonUnmuted", description: string): void => {
  builder.objectRef<EventOf<"PERSON_MUTED" | "PERSON_UNMUTED">>(name).implement({
    description,
    interfaces: [EventInterface],
    fields: (t) => ({
      person: t.field({
        type: UserType,
        description: "Whom.",
        resolve: (event) => event.payload.person,
      }),
    }),
  });
};

muteEvent("PersonMuted", "You muted somebody. Only you hear of it.");
muteEvent("PersonUnmuted", "You muted somebody no longer. Only you hear of it.");
