import { globalId } from "../../graphql/node.ts";
import { eventType } from "../event/event-interface.schema.ts";
import { ReportStatusEnum } from "./report.schema.ts";
import { reportChanged } from "./report.events.ts";

eventType(reportChanged, {
  description:
    "A report that you may handle was created or resolved. Query `node` for its content.",
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
