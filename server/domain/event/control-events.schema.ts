import { builder } from "../../graphql/builder.ts";
import { EventInterface, type EventOf } from "./event-interface.schema.ts";

builder.objectRef<EventOf<"READY">>("Ready").implement({
  description: "Always the first event: the stream is open and stands at this cursor.",
  interfaces: [EventInterface],
});
builder.objectRef<EventOf<"HEARTBEAT">>("Heartbeat").implement({
  description:
    "Nothing that you may see has happened up to this cursor. Sent now and then on a quiet stream.",
  interfaces: [EventInterface],
});

const GapReasonEnum = builder.enumType("GapReason", {
  description: "Why a stream could not go on where the client stood.",
  values: {
    TOO_LONG: { description: "Too much has happened since." },
    EXPIRED: { description: "The events since are no longer kept." },
    UNKNOWN_CURSOR: { description: "The cursor is ahead of this server's log." },
  } as const,
});

builder.objectRef<EventOf<"EVENT_GAP">>("EventGap").implement({
  description:
    "Events are missing here. Refetch what you show; the stream goes on after this cursor.",
  interfaces: [EventInterface],
  fields: (t) => ({ reason: t.expose("reason", { type: GapReasonEnum, description: "Why." }) }),
});
