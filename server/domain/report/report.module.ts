import type DataLoader from "dataloader";
import { batchLoader } from "../../graphql/loaders.ts";
import type { MessageRecord } from "../message/message.record.ts";
import { defineModule, type Needs } from "../../module.ts";
import { reportEvents } from "./report.events.ts";
import { makeReportAccessService } from "./report-access.service.ts";
import { makeReportTargetService } from "./report-target.service.ts";
import { makeReportService, type ReportService } from "./report.service.ts";
import { makeReportStore } from "./report.store.ts";
import "./report.schema.ts";
import "./report-events.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    reports: ReportService;
  }
}

declare module "../../infra/rate-limits.ts" {
  interface SharedLimits {
    REPORT: true;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** Messages that reports are about, by message; for viewers who may see the reports. */
    reported: DataLoader<string, MessageRecord | null>;
  }
}

type ReportNeeds = Needs<"users" | "messages" | "conversations" | "admin" | "audit">;

export const reportModule = defineModule({
  name: "report",
  events: reportEvents,
  loaders: {
    reported: batchLoader<MessageRecord | null>(
      (ids, { services }) => services.reports.messages(ids),
      null,
    ),
  },
  create: (context: ReportNeeds) => {
    const { database, log, clock, rates } = context;
    const { users, messages, conversations, admin, audit } = context;
    const reports = makeReportService({
      store: makeReportStore(database),
      targets: makeReportTargetService({ users, messages, conversations }),
      access: makeReportAccessService({ admin, conversations }),
      messages,
      admin,
      audit,
      log,
      clock,
      rates,
    });
    return {
      services: { reports },
      exportSections: [reports.exportSection],
      eraseUser: reports.eraseUser,
    };
  },
});
