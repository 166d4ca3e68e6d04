import { builder } from "../../graphql/builder.ts";
import { globalId } from "../../graphql/node.ts";
import { EventInterface, type EventOf } from "../event/event-interface.schema.ts";
import { ReportStatusEnum } from "./report.schema.ts";

builder.objectRef<EventOf<"REPORT_CHANGED">>("ReportChanged").implement({
  description:
    "A report that you may handle was created or resolved. Query `node` for its content.",
  interfaces: [EventInterface],
  fields: (t) => ({
    reportId: t.id({
      description: "Global id of the report.",
      resolve: (event) => globalId("Report", event.payload.reportId),
    }),
    status: t.field({
      type: ReportStatusEnum,
      description: "The status of the report.",
      resolve: (event) => event.payload.status,
    }),
  }),
});
