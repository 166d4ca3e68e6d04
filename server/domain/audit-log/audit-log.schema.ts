import { builder, viewerDependent } from "../../graphql/builder.ts";
import {
  dateOf,
  fromListCursor,
  paginate,
  toListCursor,
  uuidOf,
} from "../../graphql/connection.ts";
import { globalId, registerNode, requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { RoomType } from "../room/room.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { AuditAction, AuditKey, AuditPage, VisibleAuditEntry } from "./audit-log.service.ts";

const AuditActionEnum = builder.enumType("AuditAction", {
  description: "The kind of action.",
  values: {
    SIGNED_UP: { description: "A user signed up." },
    LOGGED_IN: { description: "A user logged in." },
    LOG_IN_FAILED: {
      description: "A log-in failed: wrong password, unknown name, or suspended account.",
    },
    LOGGED_OUT: { description: "A user logged out." },
    SESSION_REVOKED: { description: "A user ended one of their sessions." },
    PASSWORD_CHANGED: { description: "A user changed their password." },
    DATA_EXPORTED: { description: "A user downloaded their data." },
    ACCOUNT_DELETED: { description: "A user deleted their account." },
    USER_SUSPENDED: { description: "An administrator suspended a user." },
    USER_UNSUSPENDED: { description: "An administrator lifted a suspension." },
    ADMINISTRATOR_ADDED: { description: "A user became administrator." },
    ADMINISTRATOR_REMOVED: { description: "A user ceased to be administrator." },
    REPORT_MADE: { description: "A user created a report." },
    REPORT_RESOLVED: { description: "A report was resolved." },
    MESSAGE_DELETED: { description: "A user deleted another user's message." },
    ROLE_CHANGED: { description: "A member's role changed." },
    OWNERSHIP_TRANSFERRED: { description: "A room's owner changed." },
    MEMBER_REMOVED: { description: "A user was removed from a room." },
    MEMBER_BANNED: { description: "A user was banned from a room." },
    MEMBER_UNBANNED: { description: "A ban was lifted." },
    MEMBER_MUTED: { description: "A user was muted in a room." },
    MEMBER_UNMUTED: { description: "A mute in a room was lifted." },
  } satisfies Record<AuditAction, object>,
});

const AuditDetailType = builder
  .objectRef<{ name: string; value: string }>("AuditDetail")
  .implement({
    description: "A further detail of an action.",
    fields: (t) => ({
      name: t.exposeString("name", { description: "Name of the detail, such as `reason`." }),
      value: t.exposeString("value", { description: "Type of the change." }),
    }),
  });

const AuditEntryType = builder.objectRef<VisibleAuditEntry>("AuditEntry").implement({
  description: "An action relevant to security or moderation. Entries are never changed.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ description: "Global id.", resolve: (entry) => globalId("AuditEntry", entry.id) }),
    at: t.expose("at", {
      type: "DateTime",
      description: "Time of the action, by the database's clock.",
    }),
    action: t.expose("action", { type: AuditActionEnum, description: "The kind of action." }),
    actor: t.field({
      type: UserType,
      nullable: true,
      description: "The acting user; null if unknown, as after a failed log-in.",
      resolve: (entry, _args, context) =>
        entry.actorId === null ? null : context.loaders.users.load(entry.actorId),
    }),
    target: t.field({
      type: UserType,
      nullable: true,
      description: "The user affected by the action.",
      resolve: (entry, _args, context) =>
        entry.targetId === null ? null : context.loaders.users.load(entry.targetId),
    }),
    conversationId: t.id({
      nullable: true,
      description: "Global id of the conversation of the action.",
      resolve: (entry) =>
        entry.conversationId === null ? null : globalId("Conversation", entry.conversationId),
    }),
    messageId: t.id({
      nullable: true,
      description: "Global id of the affected message.",
      resolve: (entry) => (entry.messageId === null ? null : globalId("Message", entry.messageId)),
    }),
    address: t.string({
      ...viewerDependent,
      nullable: true,
      description:
        "The network address of the acting client. Only for administrators. Depends on the viewer.",
      resolve: (entry) => (entry.showsOrigin ? entry.address : null),
    }),
    device: t.string({
      ...viewerDependent,
      nullable: true,
      description: "The name that the client sent. Only for administrators. Depends on the viewer.",
      resolve: (entry) => (entry.showsOrigin ? entry.device : null),
    }),
    details: t.field({
      type: [AuditDetailType],
      description: "Further details.",
      resolve: ({ details }) =>
        Object.entries(details ?? {}).map(([name, value]) => ({ name, value })),
    }),
  }),
});

declare module "../../graphql/node.ts" {
  interface NodeKinds {
    AuditEntry: VisibleAuditEntry;
  }
}

registerNode("AuditEntry", (ids, context) =>
  context.services.auditLog.visibleByIds(requireViewer(context.viewer).user, ids),
);

function auditKey(cursor: string | undefined): AuditKey | undefined {
  if (cursor === undefined) return undefined;
  const [at, id] = fromListCursor(cursor, 2);
  return { at: dateOf(at), id: uuidOf(id) };
}

const toPage = (page: {
  before?: string | undefined;
  after?: string | undefined;
  limit: number;
  inverted: boolean;
}): AuditPage => ({ ...page, before: auditKey(page.before), after: auditKey(page.after) });

const pageOptions = <Args>(args: Args, maxSize: number) => ({
  args,
  defaultSize: 20,
  maxSize,
  toCursor: ({ at, id }: VisibleAuditEntry) => toListCursor(at.toISOString(), id),
  toNode: (entry: VisibleAuditEntry) => entry,
});

const AuditFilterInput = builder.inputType("AuditFilter", {
  description: "Filters for the entries. An entry must match all of them.",
  fields: (t) => ({
    actions: t.field({ type: [AuditActionEnum], description: "Only these kinds of actions." }),
    actorId: t.id({ description: "Global id of the actor." }),
    targetId: t.id({ description: "Global id of the affected user." }),
    conversationId: t.id({ description: "Global id of the conversation of the action." }),
    since: t.field({ type: "DateTime", description: "Only entries at or after this time." }),
    until: t.field({ type: "DateTime", description: "Only entries before this time." }),
  }),
});

/** Shared by both lists of entries, so that they have one type. */
const AuditEntryEdge = builder.edgeObject({
  type: AuditEntryType,
  name: "AuditEntryEdge",
  description: "An entry and its cursor in the list.",
});
const AuditEntryConnection = builder.connectionObject(
  { type: AuditEntryType, name: "AuditEntryConnection", description: "A page of the audit log." },
  AuditEntryEdge,
);

builder.queryField("auditLog", (t) =>
  t.connection(
    {
      type: AuditEntryType,
      authScopes: { signedIn: true },
      args: { filter: t.arg({ type: AuditFilterInput, description: "Filters for the entries." }) },
      description:
        "Security and moderation actions, latest first. Only for administrators; other users receive the error `NOT_ALLOWED`.",
      resolve: (_parent, args, context) => {
        const { user } = requireViewer(context.viewer);
        const { auditLog, server } = context.services;
        const { actions, actorId, targetId, conversationId, since, until } = args.filter ?? {};
        const filter = {
          actions: actions ?? undefined,
          actorId: idOf("User", actorId, "filter.actorId"),
          targetId: idOf("User", targetId, "filter.targetId"),
          conversationId: idOf("Conversation", conversationId, "filter.conversationId"),
          since: since ?? undefined,
          until: until ?? undefined,
        };
        return paginate(pageOptions(args, server.facts.pageSize), (page) =>
          auditLog.page(user, filter, toPage(page)),
        );
      },
    },
    AuditEntryConnection,
    AuditEntryEdge,
  ),
);

builder.objectField(RoomType, "auditLog", (t) =>
  t.connection(
    {
      ...viewerDependent,
      type: AuditEntryType,
      description:
        "Moderation actions in this room, latest first. Only for its owner and moderators, and for administrators; other users receive the error `NOT_ALLOWED`. Depends on the viewer.",
      resolve: (room, args, context) => {
        const { user } = requireViewer(context.viewer);
        const { auditLog, server } = context.services;
        return paginate(pageOptions(args, server.facts.pageSize), (page) =>
          auditLog.pageOfRoom(user, room.id, toPage(page)),
        );
      },
    },
    AuditEntryConnection,
    AuditEntryEdge,
  ),
);

function idOf(
  kind: "User" | "Conversation",
  value: string | null | undefined,
  field: string,
): string | undefined {
  return value === null || value === undefined ? undefined : requireId(kind, value, field);
}
