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
  description: "What was done.",
  values: {
    SIGNED_UP: { description: "Somebody made an account." },
    LOGGED_IN: { description: "Somebody logged in." },
    LOG_IN_FAILED: {
      description: "The password was wrong, the name unknown, or the account suspended.",
    },
    LOGGED_OUT: { description: "Somebody logged out." },
    SESSION_REVOKED: { description: "Somebody ended one of their sessions." },
    PASSWORD_CHANGED: { description: "Somebody changed their password." },
    DATA_EXPORTED: { description: "Somebody's own data was fetched." },
    ACCOUNT_DELETED: { description: "Somebody deleted their account." },
    USER_SUSPENDED: { description: "An administrator suspended somebody." },
    USER_UNSUSPENDED: { description: "An administrator let somebody in again." },
    ADMINISTRATOR_ADDED: { description: "Somebody was made an administrator." },
    ADMINISTRATOR_REMOVED: { description: "Somebody is no longer an administrator." },
    REPORT_MADE: { description: "Somebody reported something." },
    REPORT_RESOLVED: { description: "A report was decided." },
    MESSAGE_DELETED: { description: "Somebody deleted another person's message." },
    ROLE_CHANGED: { description: "Somebody has another role in a room." },
    OWNERSHIP_TRANSFERRED: { description: "A room has another owner." },
    MEMBER_REMOVED: { description: "Somebody was removed from a room." },
    MEMBER_BANNED: { description: "Somebody was banned from a room." },
    MEMBER_UNBANNED: { description: "A ban was lifted." },
    MEMBER_MUTED: { description: "Somebody was muted in a room." },
    MEMBER_UNMUTED: { description: "Somebody may speak in a room again." },
  } satisfies Record<AuditAction, object>,
});

const AuditDetailType = builder
  .objectRef<{ name: string; value: string }>("AuditDetail")
  .implement({
    description: "What else is known of an act.",
    fields: (t) => ({
      name: t.exposeString("name", { description: "What it is, such as `reason`." }),
      value: t.exposeString("value", { description: "What it was." }),
    }),
  });

const AuditEntryType = builder.objectRef<VisibleAuditEntry>("AuditEntry").implement({
  description: "An act that concerns security or order. Entries are only added, never changed.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ description: "Global id.", resolve: (entry) => globalId("AuditEntry", entry.id) }),
    at: t.expose("at", { type: "DateTime", description: "When it was, by the database's clock." }),
    action: t.expose("action", { type: AuditActionEnum, description: "What was done." }),
    actor: t.field({
      type: UserType,
      nullable: true,
      description: "Who did it; null where nobody is known, as at a failed log-in.",
      resolve: (entry, _args, context) =>
        entry.actorId === null ? null : context.loaders.users.load(entry.actorId),
    }),
    target: t.field({
      type: UserType,
      nullable: true,
      description: "Whom it was done to.",
      resolve: (entry, _args, context) =>
        entry.targetId === null ? null : context.loaders.users.load(entry.targetId),
    }),
    conversationId: t.id({
      nullable: true,
      description: "Global id of the conversation that it was done in.",
      resolve: (entry) =>
        entry.conversationId === null ? null : globalId("Conversation", entry.conversationId),
    }),
    messageId: t.id({
      nullable: true,
      description: "Global id of the message that it was done to.",
      resolve: (entry) => (entry.messageId === null ? null : globalId("Message", entry.messageId)),
    }),
    address: t.string({
      ...viewerDependent,
      nullable: true,
      description:
        "The network address that it came from; for administrators. Depends on the viewer.",
      resolve: (entry) => (entry.showsOrigin ? entry.address : null),
    }),
    device: t.string({
      ...viewerDependent,
      nullable: true,
      description: "What the client called itself; for administrators. Depends on the viewer.",
      resolve: (entry) => (entry.showsOrigin ? entry.device : null),
    }),
    details: t.field({
      type: [AuditDetailType],
      description: "What else is known of it.",
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
  description: "Which entries to show; all that is given has to fit.",
  fields: (t) => ({
    actions: t.field({ type: [AuditActionEnum], description: "Only these acts." }),
    actorId: t.id({ description: "Global id of who did it." }),
    targetId: t.id({ description: "Global id of the person whom it was done to." }),
    conversationId: t.id({ description: "Global id of the conversation that it was done in." }),
    since: t.field({ type: "DateTime", description: "Not before this time." }),
    until: t.field({ type: "DateTime", description: "Before this time." }),
  }),
});

/** What both lists of entries are, so that they are one type. */
const AuditEntryEdge = builder.edgeObject({
  type: AuditEntryType,
  name: "AuditEntryEdge",
  description: "An entry and its place in the list.",
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
      args: { filter: t.arg({ type: AuditFilterInput, description: "Which entries." }) },
      description:
        "What was done that concerns security or order, the latest first. For administrators; others get the error `NOT_ALLOWED`.",
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
        "What was done to keep order in this room, the latest first. For its owner and moderators and for administrators; others get the error `NOT_ALLOWED`. Depends on the viewer.",
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
