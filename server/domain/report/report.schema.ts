import { builder, viewerDependent } from "../../graphql/builder.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import {
  dateOf,
  fromListCursor,
  paginate,
  toListCursor,
  uuidOf,
} from "../../graphql/connection.ts";
import { globalId, optionalId, registerNode, requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { NotAllowedError, NotFoundError, RateLimitedError } from "../../kernel/errors.ts";
import { BannedError } from "../room/room.errors.ts";
import { MessageType } from "../message/message.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { ReportKey, ReportReason, ReportResolution, VisibleReport } from "./report.service.ts";

const ReportReasonEnum = builder.enumType("ReportReason", {
  description: "The reason of a report.",
  values: {
    SPAM: { description: "Advertising or repeated messages." },
    HARASSMENT: { description: "Attacks or harasses a user." },
    HATE: { description: "Attacks people for who they are." },
    VIOLENCE: { description: "Threatens or glorifies violence." },
    SEXUAL: { description: "Inappropriate sexual content." },
    ILLEGAL: { description: "Illegal content." },
    OTHER: { description: "Another reason, which the comment explains." },
  },
});

const ReportResolutionEnum = builder.enumType("ReportResolution", {
  description: "The outcome of a report.",
  values: {
    ACTED: { description: "A moderator or administrator took action." },
    DISMISSED: { description: "No action was necessary." },
  },
});

export const ReportStatusEnum = builder.enumType("ReportStatus", {
  description: "The status of a report.",
  values: {
    OPEN: { description: "Not resolved yet." },
    RESOLVED: { description: "Resolved." },
  },
});

const ReportSubjectEnum = builder.enumType("ReportSubject", {
  description: "The kind of subject of a report.",
  values: {
    MESSAGE: { description: "A message." },
    USER: { description: "A user." },
    ROOM: { description: "A room." },
  },
});

const ReportType = builder.objectRef<VisibleReport>("Report").implement({
  description:
    "A report. Visible to administrators, to moderators if it is about a message in their room, and to the user who created it.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ description: "Global id.", resolve: (report) => globalId("Report", report.id) }),
    status: t.field({
      type: ReportStatusEnum,
      description: "The status.",
      resolve: (report) => (report.resolvedAt === null ? "OPEN" : "RESOLVED"),
    }),
    subject: t.expose("subject", {
      type: ReportSubjectEnum,
      description: "The kind of its subject.",
    }),
    reason: t.field({
      type: ReportReasonEnum,
      description: "The reason.",
      resolve: (report) => report.reason as ReportReason,
    }),
    comment: t.exposeString("comment", {
      description: "The comment of the reporting user; empty if there is none.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was created." }),
    message: t.field({
      type: MessageType,
      nullable: true,
      description:
        "The reported message; null for other subjects. Its text is empty after a deletion. Users who handle the report see it even without a membership.",
      resolve: (report, _args, context) =>
        report.subject === "MESSAGE" ? context.loaders.reported.load(report.subjectId) : null,
    }),
    accused: t.field({
      type: UserType,
      nullable: true,
      description: "The reported user or the author of the reported message; null for a room.",
      resolve: (report, _args, context) =>
        report.accusedId === null ? null : context.loaders.users.load(report.accusedId),
    }),
    roomId: t.id({
      nullable: true,
      description: "Global id of the reported room; null for a message or a user.",
      resolve: (report) =>
        report.subject === "ROOM" ? globalId("Conversation", report.subjectId) : null,
    }),
    conversationId: t.id({
      nullable: true,
      description: "Global id of the conversation of the message, or of the room.",
      resolve: (report) =>
        report.conversationId === null ? null : globalId("Conversation", report.conversationId),
    }),
    reporter: t.field({
      ...viewerDependent,
      type: UserType,
      nullable: true,
      description:
        "The reporting user. Visible to administrators and to this user; null for moderators. Depends on the viewer.",
      resolve: (report, _args, context) =>
        report.showsReporter ? context.loaders.users.load(report.reporterId) : null,
    }),
    resolution: t.field({
      type: ReportResolutionEnum,
      nullable: true,
      description: "The outcome; null while the report is open.",
      resolve: (report) => report.resolution as ReportResolution | null,
    }),
    note: t.exposeString("note", {
      nullable: true,
      description: "The note of the user who resolved it.",
    }),
    resolvedBy: t.field({
      type: UserType,
      nullable: true,
      description: "The user who resolved it.",
      resolve: (report, _args, context) =>
        report.resolvedById === null ? null : context.loaders.users.load(report.resolvedById),
    }),
    resolvedAt: t.expose("resolvedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was resolved.",
    }),
  }),
});

declare module "../../graphql/node.ts" {
  interface NodeKinds {
    Report: VisibleReport;
  }
}

registerNode("Report", (ids, context) =>
  context.services.reports.visibleByIds(requireViewer(context.viewer).user, ids),
);

function reportKey(cursor: string | undefined): ReportKey | undefined {
  if (cursor === undefined) return undefined;
  const [createdAt, id] = fromListCursor(cursor, 2);
  return { createdAt: dateOf(createdAt), id: uuidOf(id) };
}

builder.queryField("reports", (t) =>
  t.connection(
    {
      type: ReportType,
      authScopes: { signedIn: true },
      args: {
        status: t.arg({
          type: ReportStatusEnum,
          description: "Only reports with this status; all by default.",
        }),
        roomId: t.arg.id({ description: "Only reports about this room and its messages." }),
      },
      description:
        "Reports that you can resolve, latest first: `reports(status: OPEN) { edges { node { reason message { body } } } }`. Administrators see all reports, moderators those about messages in their rooms, other users none.",
      resolve: (_parent, args, context) => {
        const viewer = requireViewer(context.viewer).user;
        const conversationId = optionalId("Conversation", args.roomId, "roomId");
        const isResolved =
          args.status === null || args.status === undefined ? null : args.status === "RESOLVED";
        return paginate(
          {
            args,
            defaultSize: 20,
            maxSize: context.services.server.facts.pageSize,
            toCursor: (report: VisibleReport) =>
              toListCursor(report.createdAt.toISOString(), report.id),
            toNode: (report) => report,
          },
          ({ before, after, limit, inverted }) =>
            context.services.reports.page(viewer, {
              isResolved,
              conversationId,
              before: reportKey(before),
              after: reportKey(after),
              limit,
              inverted,
            }),
        );
      },
    },
    { name: "ReportConnection", description: "A page of reports." },
    { name: "ReportEdge", description: "A report and its cursor in the list." },
  ),
);

const reportPayload = (t: PayloadFields<{ report: VisibleReport }>) => ({
  report: t.expose("report", { type: ReportType, description: "The current report." }),
});

mutation({
  name: "report",
  description:
    "Reports a message, a user or a room to moderators and administrators. If you already have an open report about the same subject, it is returned.",
  input: {
    description:
      'The subject and the reason: `{ messageId: "TWVzc2FnZTo…", reason: SPAM }`. Set exactly one of message, user and room.',
    fields: (t) => ({
      messageId: t.id({ description: "Global id of a message that you may read." }),
      userId: t.id({ description: "Global id of a user." }),
      roomId: t.id({ description: "Global id of a room that you may see." }),
      reason: t.field({ type: ReportReasonEnum, required: true, description: "The reason." }),
      comment: t.string({ description: "A comment, at most 1,000 characters." }),
    }),
  },
  payload: {
    description: "Moderators or administrators have been notified.",
    fields: reportPayload,
  },
  errors: [NotFoundError, BannedError, NotAllowedError, RateLimitedError],
  resolve: async ({ input, viewer, services, context }) => {
    const { reports } = services;
    const target = {
      messageId: optionalId("Message", input.messageId, "messageId"),
      userId: optionalId("User", input.userId, "userId"),
      roomId: optionalId("Conversation", input.roomId, "roomId"),
    };
    const comment = input.comment ?? "";
    return { report: await reports.report(viewer.user, target, input.reason, comment, context) };
  },
});

mutation({
  name: "resolveReport",
  description: "Resolves a report permanently. Repeating it has no effect.",
  input: {
    description: "The outcome of a report.",
    fields: (t) => ({
      reportId: t.id({ required: true, description: "Global id of a report." }),
      resolution: t.field({
        type: ReportResolutionEnum,
        required: true,
        description: "The outcome.",
      }),
      note: t.string({
        description: "A note for other moderators and administrators, at most 1,000 characters.",
      }),
    }),
  },
  payload: { description: "The report is resolved.", fields: reportPayload },
  errors: [NotFoundError, NotAllowedError],
  resolve: async ({ input, viewer, services, context }) => {
    const id = requireId("Report", input.reportId, "reportId");
    const note = input.note ?? "";
    const { reports } = services;
    return { report: await reports.resolve(viewer.user, id, input.resolution, note, context) };
  },
});
