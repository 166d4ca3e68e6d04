import { globalId } from "../../graphql/node.ts";
import { eventType } from "../event/event-interface.schema.ts";
import { InviteType } from "./invite.schema.ts";
import { inviteEnded, inviteReceived } from "./room.events.ts";

eventType(inviteReceived, {
  description: "You were invited to a room.",
  fields: (t) => ({
    invite: t.field({
      type: InviteType,
      description: "The invite.",
      resolve: (event) => event.payload.invite,
    }),
  }),
});
eventType(inviteEnded, {
  description: "One of your invites was accepted, declined or withdrawn.",
  fields: (t) => ({
    inviteId: t.id({
      description: "Global id of the ended invite.",
      resolve: (event) => globalId("Invite", event.payload.inviteId),
    }),
  }),
});
