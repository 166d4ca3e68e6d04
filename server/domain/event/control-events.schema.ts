import { builder } from "../../graphql/builder.ts";
import { EventInterface, type ControlEventOf } from "./event-interface.schema.ts";

builder.objectRef<ControlEventOf<"READY">>("Ready").implement({
  description: "Always the first event: the stream is open at this cursor.",
  interfaces: [EventInterface],
});
builder.objectRef<ControlEventOf<"HEARTBEAT">>("Heartbeat").implement({
  description:
    "No event that you may see has occurred up to this cursor. Sent periodically on a quiet stream.",
  interfaces: [EventInterface],
});

const GapReasonEnum = builder.enumType("GapReason", {
  description: "Why a stream could not resume at the client's cursor.",
  values: {
    TOO_LONG: { description: "Too many events were missed." },
    EXPIRED: { description: "The missed events are no longer stored." },
    UNKNOWN_CURSOR: { description: "The cursor is ahead of this server's log." },
  } as const,
});

builder.objectRef<ControlEventOf<"EVENT_GAP">>("EventGap").implement({
  description:
    "Events are missing here. Refetch the displayed state; the stream continues after this cursor.",
  interfaces: [EventInterface],
  fields: (t) => ({
    reason: t.expose("reason", { type: GapReasonEnum, description: "The reason." }),
  }),
});
