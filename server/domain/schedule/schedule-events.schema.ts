import { globalId } from "../../graphql/node.ts";
import { eventType } from "../event/event-interface.schema.ts";
import { ScheduledMessageType } from "./schedule.schema.ts";
import { scheduledMessageChanged } from "./schedule.events.ts";

eventType(scheduledMessageChanged, {
  description:
    "Your scheduled message was created, changed, cancelled or sent, or could not be sent. Only you receive this event.",
  fields: (t) => ({
    scheduledMessageId: t.id({
      description: "Global id of the scheduled message.",
      resolve: (event) => globalId("ScheduledMessage", event.payload.scheduledId),
    }),
    scheduledMessage: t.field({
      type: ScheduledMessageType,
      nullable: true,
      description:
        "Its state when the event is sent. Null if it was cancelled or sent; the sent message has the same `clientId`.",
      resolve: (event, _args, context) =>
        context.services.schedules.find(event.payload.scheduledId),
    }),
  }),
});
