import { NotFoundError } from "../../kernel/errors.ts";
import type { Db } from "../../log/unit.ts";
import type { AdminService } from "../admin/admin.service.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import type { UserRecord } from "../user/user.record.ts";
import { canHandleReport, canSeeReporter, type ReportRights } from "./report.policy.ts";
import type { ReportRecord } from "./report.store.ts";

/** A report as the viewer may see it. */
export interface VisibleReport extends ReportRecord {
  /** Whether the viewer may see who created it. */
  showsReporter: boolean;
}

/** Who may see and handle a report. */
export interface ReportAccessService {
  /** Returns the viewer's rights to each report, in order. */
  rightsTo(viewer: UserRecord, reports: readonly ReportRecord[], db?: Db): Promise<ReportRights[]>;
  /** Returns the reports that the viewer may see: those that the viewer may handle, and the viewer's own. */
  visibleTo(viewer: UserRecord, reports: readonly ReportRecord[]): Promise<VisibleReport[]>;
  /** @throws NotFoundError if the viewer may not see the report */
  requireVisible(viewer: UserRecord, report: ReportRecord): Promise<VisibleReport>;
}

export interface ReportAccessServiceOptions {
  admin: AdminService;
  conversations: ConversationService;
}

export function makeReportAccessService(options: ReportAccessServiceOptions): ReportAccessService {
  const { admin, conversations } = options;

  const rightsTo: ReportAccessService["rightsTo"] = async (viewer, reports, db) => {
    const isAdministrator = await admin.isAdministrator(viewer, db);
    const conversationIds = new Set(reports.flatMap((report) => report.conversationId ?? []));
    const access = await conversations.access(viewer.id, [...conversationIds], db);
    return reports.map(({ subject, conversationId, accusedId }) => {
      const place = access.get(conversationId ?? "");
      return {
        isAdministrator,
        role: place?.role ?? null,
        kind: place?.kind ?? null,
        subject,
        isAccused: accusedId === viewer.id,
      };
    });
  };

  const visibleTo: ReportAccessService["visibleTo"] = async (viewer, reports) => {
    const rights = await rightsTo(viewer, reports);
    return reports.flatMap((report, index) => {
      const right = rights[index];
      const isOwn = report.reporterId === viewer.id;
      if (right === undefined || (!isOwn && !canHandleReport(right))) return [];
      return { ...report, showsReporter: isOwn || canSeeReporter(right) };
    });
  };

  return {
    rightsTo,
    visibleTo,
    requireVisible: async (viewer, report) => {
      const [visible] = await visibleTo(viewer, [report]);
      if (visible === undefined) throw new NotFoundError("report");
      return visible;
    },
  };
}
