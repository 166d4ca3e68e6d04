import { builder } from "../../graphql/builder.ts";
import { fromListCursor, paginate, toListCursor, uuidOf } from "../../graphql/connection.ts";
import { globalId } from "../../graphql/node.ts";
import { ViewerType } from "../session/session.schema.ts";
import type { AuditRow, UnreadTotals } from "./receipt.service.ts";

const UnreadTotalsType = builder.objectRef<UnreadTotals>("UnreadTotals").implement({
  description: "Your unread counts.",
  fields: (t) => ({
    messages: t.exposeInt("messages", {
      description: "Unread messages in all conversations.",
    }),
    mentions: t.exposeInt("mentions", {
      description: "Unread messages that mention you or all members of their conversation.",
    }),
    conversations: t.exposeInt("conversations", {
      description: "Conversations with unread messages.",
    }),
    badge: t.exposeInt("badge", {
      description:
        "The number for a badge: unread messages where the level is `ALL`, unread mentions where it is `MENTIONS`, and nothing for muted conversations or the level `NOTHING`.",
    }),
  }),
});

const UnreadAuditType = builder.objectRef<AuditRow>("UnreadAudit").implement({
  description: "The stored unread counts of a conversation, and a fresh count of its messages.",
  fields: (t) => ({
    conversationId: t.id({
      description: "Global id of the conversation.",
      resolve: (row) => globalId("Conversation", row.conversationId),
    }),
    unreadCount: t.exposeInt("unread", { description: "Unread messages, as stored." }),
    unreadRecount: t.exposeInt("unreadRecounted", {
      description: "Unread messages, freshly counted.",
    }),
    unreadMentionCount: t.exposeInt("mentions", { description: "Unread mentions, as stored." }),
    unreadMentionRecount: t.exposeInt("mentionsRecounted", {
      description: "Unread mentions, freshly counted.",
    }),
    agrees: t.boolean({
      description:
        "Whether stored and counted numbers are equal. Always true; please report a false value as a bug.",
      resolve: (row) =>
        row.unread === row.unreadRecounted && row.mentions === row.mentionsRecounted,
    }),
  }),
});

const idOf = (cursor: string | undefined): string | undefined =>
  cursor === undefined ? undefined : uuidOf(fromListCursor(cursor, 1)[0]);

builder.objectFields(ViewerType, (t) => ({
  unread: t.field({
    type: UnreadTotalsType,
    description:
      "Your total unread counts: `viewer { unread { messages mentions conversations badge } }`.",
    resolve: (viewer, _args, context) => context.services.receipts.totals(viewer.user.id),
  }),
  unreadAudit: t.connection(
    {
      type: UnreadAuditType,
      description:
        "Verifies the unread counts of your conversations with a recount: `viewer { unreadAudit(first: 20) { edges { node { unreadCount unreadRecount agrees } } } }`. Its cost grows with the number of unread messages.",
      resolve: (viewer, args, context) =>
        paginate(
          {
            args,
            defaultSize: 20,
            maxSize: context.services.server.facts.pageSize,
            toCursor: (row: AuditRow) => toListCursor(row.conversationId),
            toNode: (row) => row,
          },
          ({ before, after, limit, inverted }) =>
            context.services.receipts.audit(viewer.user.id, {
              before: idOf(before),
              after: idOf(after),
              limit,
              inverted,
            }),
        ),
    },
    { name: "UnreadAuditConnection", description: "A page of audited conversations." },
    { name: "UnreadAuditEdge", description: "An audited conversation and its cursor in the list." },
  ),
}));
