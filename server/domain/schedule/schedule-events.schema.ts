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
        "As it is when the event is sent; null when it was sent, as a message with the same `clientId`, or cancelled.",
      resolve: (event, _args, context) =>
        context.services.schedules.find(event.payload.scheduledId),
    }),
  }),
});
