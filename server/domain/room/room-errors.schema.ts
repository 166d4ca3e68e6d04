import { errorType } from "../../graphql/errors.ts";
import {
  SlugTakenError,
  OwnerCannotLeaveError,
  MutedError,
  SlowModeError,
  BannedError,
  InviteEndedError,
} from "./room.errors.ts";

errorType(SlugTakenError, {
  name: "SlugTakenError",
  description: "Another room has this slug. Code `SLUG_TAKEN`.",
});
errorType(OwnerCannotLeaveError, {
  name: "OwnerCannotLeaveError",
  description: "An owner cannot leave a room that has other members. Code `OWNER_CANNOT_LEAVE`.",
});
errorType(MutedError, {
  name: "MutedError",
  description: "A moderator has muted you here temporarily. Code `MUTED`.",
});
errorType(SlowModeError, {
  name: "SlowModeError",
  description: "The room is in slow mode, and your last message is too recent. Code `SLOW_MODE`.",
});
errorType(BannedError, {
  name: "BannedError",
  description: "You are banned from this room and can neither read nor join it. Code `BANNED`.",
  fields: (t) => ({
    until: t.expose("until", {
      type: "DateTime",
      nullable: true,
      description: "When the ban ends; null for a permanent ban.",
    }),
  }),
});
errorType(InviteEndedError, {
  name: "InviteEndedError",
  description: "The invite has expired or was used up. Code `INVITE_ENDED`.",
});
