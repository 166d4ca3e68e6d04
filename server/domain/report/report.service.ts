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
import type { ConversationService } from "../conversation/conversation.service.ts";
import type { MessageService } from "../message/message.service.ts";
import { isDeleted, type UserService } from "../user/user.service.ts";
import { reportChanged } from "./report.events.ts";
import {
  canHandleReport,
  canSeeReporter,
  commentProblems,
  type ReportRights,
} from "./report.policy.ts";
import type { ReportQuery, ReportRecord, ReportStore } from "./report.store.ts";

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

/** A report as the viewer may see it. */
export interface VisibleReport extends ReportRecord {
  /** Whether the viewer may see who created it. */
  showsReporter: boolean;
}

/** The subject of a report; exactly one of these fields is set. */
export interface ReportTarget {
  messageId: string | null;
  userId: string | null;
  roomId: string | null;
}

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
  users: UserService;
  messages: MessageService;
  conversations: ConversationService;
  admin: AdminService;
  audit: AuditService;
  log: Log;
  clock: Clock;
  rates: RateLimits;
}

type Found = Pick<ReportRecord, "subject" | "subjectId" | "conversationId" | "accusedId">;

export function makeReportService(options: ReportServiceOptions): ReportService {
  const { store, users, messages, conversations, admin, audit, log, clock } = options;

  const find = async (viewerId: string, target: ReportTarget): Promise<Found> => {
    const { messageId, userId, roomId } = target;
    if ([messageId, userId, roomId].filter((id) => id !== null).length !== 1) {
      const message = "Set exactly one of message, user and room.";
      throw new InvalidInputError([{ field: "messageId", code: "INVALID_VALUE", message }]);
    }
    if (messageId !== null) {
      const { conversationId, authorId } = await messages.requireRights(viewerId, messageId);
      return { subject: "MESSAGE", subjectId: messageId, conversationId, accusedId: authorId };
    }
    if (userId !== null) {
      const user = await users.byId(userId);
      if (user === null || isDeleted(user)) throw new NotFoundError("person");
      return { subject: "USER", subjectId: userId, conversationId: null, accusedId: userId };
    }
    const id = roomId ?? "";
    const { kind } = await conversations.requireVisible(viewerId, id, "room");
    if (kind !== "ROOM") throw new NotFoundError("room");
    return { subject: "ROOM", subjectId: id, conversationId: id, accusedId: null };
  };

  /** Returns the events that notify the reviewers; the reviewers then query the report. */
  const changed = async (unit: Unit, report: ReportRecord): Promise<NewEvent[]> => {
    const keepers =
      report.subject === "MESSAGE" && report.conversationId !== null
        ? await store.keepersOf(unit.tx, report.conversationId)
        : [];
    const told = new Set([
      ...(await admin.administratorIds(unit)),
      ...keepers.filter((id) => id !== report.accusedId),
    ]);
    const status = report.resolvedAt === null ? ("OPEN" as const) : ("RESOLVED" as const);
    return [...told].map((userId) => reportChanged(userId, { reportId: report.id, status }));
  };

  /** Returns the viewer's rights to each report, in order. */
  const rightsTo = async (
    viewer: UserRecord,
    reports: readonly ReportRecord[],
    db?: Db,
  ): Promise<ReportRights[]> => {
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

  /** Returns the reports that the viewer may see: those that the viewer may handle, and the viewer's own. */
  const shownTo = async (
    viewer: UserRecord,
    reports: readonly ReportRecord[],
  ): Promise<VisibleReport[]> => {
    const rights = await rightsTo(viewer, reports);
    return reports.flatMap((report, index) => {
      const right = rights[index];
      const isOwn = report.reporterId === viewer.id;
      if (right === undefined || (!isOwn && !canHandleReport(right))) return [];
      return { ...report, showsReporter: isOwn || canSeeReporter(right) };
    });
  };

  const shown = async (viewer: UserRecord, report: ReportRecord): Promise<VisibleReport> => {
    const [visible] = await shownTo(viewer, [report]);
    if (visible === undefined) throw new NotFoundError("report");
    return visible;
  };

  return {
    report: async (viewer, target, reason, text, origin) => {
      const comment = text.trim();
      const problems = commentProblems("comment", comment);
      if (problems.length > 0) throw new InvalidInputError(problems);
      await options.rates.take("REPORT", viewer.id);
      const found = await find(viewer.id, target);
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
      if (earlier !== null) return shown(viewer, earlier);
      const made = await log
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
          await unit.appendAll(await changed(unit, report));
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
      return shown(viewer, made);
    },
    resolve: async (viewer, reportId, resolution, text, origin) => {
      const note = text.trim();
      const problems = commentProblems("note", note);
      if (problems.length > 0) throw new InvalidInputError(problems);
      const find = async (): Promise<VisibleReport> => {
        const [report] = await store.findByIds([reportId]);
        if (report === undefined) throw new NotFoundError("report");
        return shown(viewer, report);
      };
      const seen = await find();
      const requireRight = async (db?: Db): Promise<void> => {
        const [rights] = await rightsTo(viewer, [seen], db);
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
        await unit.appendAll(await changed(unit, { ...seen, ...done }));
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
      const visible = await shownTo(viewer, reports);
      const byId = new Map(visible.map((report) => [report.id, report]));
      return ids.map((id) => byId.get(id) ?? null);
    },
    messages: messages.find,
    eraseUser: (unit, userId) => store.forgetComments(unit.tx, userId),
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
