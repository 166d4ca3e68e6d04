import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Clock } from "../../kernel/clock.ts";
import { InvalidInputError, NotAllowedError, NotFoundError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Origin } from "../../kernel/origin.ts";
import { exportPage, type ExportSection } from "../../kernel/export-section.ts";
import type { NewEvent } from "../../log/event.ts";
import type { Log } from "../../log/log.ts";
import type { Db, Unit } from "../../log/unit.ts";
import type { MessageRecord } from "../message/message.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { AdminService } from "../admin/admin.service.ts";
import type { AuditService } from "../audit/audit.service.ts";
import type { MessageService } from "../message/message.service.ts";
import { reportChanged } from "./report.events.ts";
import type { ReportAccessService, VisibleReport } from "./report-access.service.ts";
import type { ReportTarget, ReportTargetService } from "./report-target.service.ts";
import { canHandleReport, canSeeReporter, commentProblems } from "./report.policy.ts";
import type { ReportQuery, ReportRecord, ReportStore } from "./report.store.ts";

export type { VisibleReport } from "./report-access.service.ts";
export type { ReportKey, ReportQuery } from "./report.store.ts";

export const REPORT_REASONS = [
  "SPAM",
  "HARASSMENT",
  "HATE",
  "VIOLENCE",
  "SEXUAL",
  "ILLEGAL",
  "OTHER",
] as const;
export const REPORT_RESOLUTIONS = ["ACTED", "DISMISSED"] as const;

export type ReportReason = (typeof REPORT_REASONS)[number];
export type ReportResolution = (typeof REPORT_RESOLUTIONS)[number];

export interface ReportService {
  /**
   * Reports a message or room that the viewer may see, or a user. If the viewer has an open report about
   * it, that report is returned.
   *
   * @throws InvalidInputError NotFoundError NotAllowedError RateLimitedError
   */
  report(
    viewer: UserRecord,
    target: ReportTarget,
    reason: ReportReason,
    comment: string,
    origin: Origin,
  ): Promise<VisibleReport>;
  /** Repeating it has no effect. @throws InvalidInputError NotFoundError NotAllowedError */
  resolve(
    viewer: UserRecord,
    reportId: string,
    resolution: ReportResolution,
    note: string,
    origin: Origin,
  ): Promise<VisibleReport>;
  /**
   * Reports that the viewer may handle, newest first: all for administrators, those of their rooms for
   * moderators.
   */
  page(viewer: UserRecord, query: ReportQuery): Promise<VisibleReport[]>;
  /** In the order of `ids`; null for reports that do not exist or that the viewer may not see. */
  visibleByIds(viewer: UserRecord, ids: readonly string[]): Promise<(VisibleReport | null)[]>;
  /** The current state of reported messages: reporting shows them to the reviewers. */
  messages(ids: readonly string[]): Promise<ReadonlyMap<string, MessageRecord>>;
  /** Removes a user's comments from their reports in the unit. */
  eraseUser(unit: Unit, userId: string): Promise<void>;
  /** Reports that a user created, for the user's export. */
  readonly exportSection: ExportSection;
}

export interface ReportServiceOptions {
  store: ReportStore;
  targets: ReportTargetService;
  access: ReportAccessService;
  messages: MessageService;
  admin: AdminService;
  audit: AuditService;
  log: Log;
  clock: Clock;
  rates: RateLimits;
}

export function makeReportService(options: ReportServiceOptions): ReportService {
  const { store, targets, access, messages, admin, audit, log, clock } = options;

  /** Returns the events that notify the reviewers; the reviewers then query the report. */
  const changeEvents = async (unit: Unit, report: ReportRecord): Promise<NewEvent[]> => {
    const moderators =
      report.subject === "MESSAGE" && report.conversationId !== null
        ? await store.reviewersOf(unit.tx, report.conversationId)
        : [];
    const reviewers = new Set([
      ...(await admin.administratorIds(unit)),
      ...moderators.filter((id) => id !== report.accusedId),
    ]);
    const status = report.resolvedAt === null ? ("OPEN" as const) : ("RESOLVED" as const);
    return [...reviewers].map((userId) => reportChanged(userId, { reportId: report.id, status }));
  };

  return {
    report: async (viewer, target, reason, text, origin) => {
      const comment = text.trim();
      const problems = commentProblems("comment", comment);
      if (problems.length > 0) throw new InvalidInputError(problems);
      await options.rates.take("REPORT", viewer.id);
      const found = await targets.find(viewer.id, target);
      if (found.accusedId === viewer.id)
        throw new NotAllowedError("You cannot report yourself or your own messages.");
      const report: ReportRecord = {
        ...found,
        id: newId(clock.now()),
        reporterId: viewer.id,
        reason,
        comment,
        createdAt: new Date(clock.now()),
        resolution: null,
        note: null,
        resolvedById: null,
        resolvedAt: null,
      };
      const earlier = await store.findOpen(viewer.id, found.subjectId);
      if (earlier !== null) return access.requireVisible(viewer, earlier);
      const stored = await log
        .write(async (unit) => {
          if (!(await store.create(unit.tx, report))) throw new ReportedAlready();
          await audit.record(unit, {
            action: "REPORT_MADE",
            actorId: viewer.id,
            targetId: found.accusedId,
            conversationId: found.conversationId,
            messageId: found.subject === "MESSAGE" ? found.subjectId : null,
            origin,
            details: { reportId: report.id, reason },
          });
          await unit.appendAll(await changeEvents(unit, report));
          return report;
        })
        .catch(async (error: unknown) => {
          // A parallel request of the same client created the same report.
          const other =
            error instanceof ReportedAlready
              ? await store.findOpen(viewer.id, found.subjectId)
              : null;
          if (other === null) throw error;
          return other;
        });
      return access.requireVisible(viewer, stored);
    },
    resolve: async (viewer, reportId, resolution, text, origin) => {
      const note = text.trim();
      const problems = commentProblems("note", note);
      if (problems.length > 0) throw new InvalidInputError(problems);
      const find = async (): Promise<VisibleReport> => {
        const [report] = await store.findByIds([reportId]);
        if (report === undefined) throw new NotFoundError("report");
        return access.requireVisible(viewer, report);
      };
      const seen = await find();
      const requireRight = async (db?: Db): Promise<void> => {
        const [rights] = await access.rightsTo(viewer, [seen], db);
        if (rights === undefined || !canHandleReport(rights)) throw new NotAllowedError();
      };
      await requireRight();
      await log.write(async (unit) => {
        await unit.lockLog();
        // Checks again under the lock: from here to COMMIT, the viewer cannot lose the role.
        await requireRight(unit.tx);
        const done = {
          resolution,
          note: note === "" ? null : note,
          resolvedById: viewer.id,
          resolvedAt: new Date(clock.now()),
        };
        if (!(await store.resolve(unit.tx, reportId, done))) return;
        await audit.record(unit, {
          action: "REPORT_RESOLVED",
          actorId: viewer.id,
          targetId: seen.accusedId,
          conversationId: seen.conversationId,
          messageId: seen.subject === "MESSAGE" ? seen.subjectId : null,
          origin,
          details: { reportId, resolution },
        });
        await unit.appendAll(await changeEvents(unit, { ...seen, ...done }));
      });
      return find();
    },
    page: async (viewer, query) => {
      const isAdministrator = await admin.isAdministrator(viewer);
      const reports = isAdministrator
        ? await store.page(query)
        : await store.pageOfModerator(viewer.id, query);
      return reports.map((report) => ({
        ...report,
        showsReporter: canSeeReporter({ isAdministrator }) || report.reporterId === viewer.id,
      }));
    },
    visibleByIds: async (viewer, ids) => {
      const reports = await store.findByIds(ids);
      const visible = await access.visibleTo(viewer, reports);
      const byId = new Map(visible.map((report) => [report.id, report]));
      return ids.map((id) => byId.get(id) ?? null);
    },
    messages: messages.find,
    eraseUser: (unit, userId) => store.eraseComments(unit.tx, userId),
    exportSection: {
      type: "report",
      page: async (userId, after, limit) =>
        exportPage(
          await store.ofReporter(userId, after, limit + 1),
          limit,
          ({ id }) => id,
          ({ id, subject, subjectId, reason, comment, createdAt, resolvedAt }) => ({
            id,
            subject,
            subjectId,
            reason,
            comment,
            createdAt,
            resolvedAt,
          }),
        ),
    },
  };
}

/** Ends the transaction after the unique index rejected a second report. */
class ReportedAlready extends Error {}
