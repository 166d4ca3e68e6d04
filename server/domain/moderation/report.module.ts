import type DataLoader from "dataloader";
import { batchLoader } from "../../graphql/loaders.ts";
import type { MessageRecord } from "../../log/records.ts";
import { defineModule } from "../../module.ts";
import type { ReportService } from "./report.service.ts";
import "./report.schema.ts";
import "./report-events.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    reports: ReportService;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** Messages that reports are about, by message; for viewers who may see the reports. */
    reported: DataLoader<string, MessageRecord | null>;
  }
}

export const reportModule = defineModule({
  name: "report",
  loaders: {
    reported: batchLoader<MessageRecord | null>(
      (ids, { services }) => services.reports.messages(ids),
      null,
    ),
  },
});
