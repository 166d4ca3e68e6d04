import { builder } from "../../graphql/builder.ts";
import { fromListCursor, paginate, toListCursor, uuidOf } from "../../graphql/connection.ts";
import { globalId } from "../../graphql/node.ts";
import { ViewerType } from "../session/session.schema.ts";
import type { AuditRow, UnreadTotals } from "./receipt.service.ts";

const UnreadTotalsType = builder.objectRef<UnreadTotals>("UnreadTotals").implement({
  description: "What waits to be read.",
  fields: (t) => ({
    messages: t.exposeInt("messages", {
      description: "Unread messages in all conversations together.",
    }),
    mentions: t.exposeInt("mentions", {
      description: "How many of them mention you, or everyone in their conversation.",
    }),
    conversations: t.exposeInt("conversations", {
      description: "Conversations with unread messages.",
    }),
    badge: t.exposeInt("badge", {
      description:
        "What a badge shows: unread messages where you want to be notified of `ALL`, unread mentions where of `MENTIONS`, and nothing of conversations that are muted or where you want `NOTHING`.",
    }),
  }),
});

const UnreadAuditType = builder.objectRef<AuditRow>("UnreadAudit").implement({
  description:
    "What is unread in a conversation: as it is counted, and counted anew from the messages.",
  fields: (t) => ({
    conversationId: t.id({
      description: "Global id of the conversation.",
      resolve: (row) => globalId("Conversation", row.conversationId),
    }),
    unreadCount: t.exposeInt("unread", { description: "Unread messages, as counted." }),
    unreadRecount: t.exposeInt("unreadRecounted", { description: "The same, counted anew." }),
    unreadMentionCount: t.exposeInt("mentions", { description: "Unread mentions, as counted." }),
    unreadMentionRecount: t.exposeInt("mentionsRecounted", {
      description: "The same, counted anew.",
    }),
    agrees: t.boolean({
      description: "Whether the numbers are the same. Always true; report it where it is not.",
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
      "What waits to be read, in all: `viewer { unread { messages mentions conversations badge } }`.",
    resolve: (viewer, _args, context) => context.services.receipts.totals(viewer.user.id),
  }),
  unreadAudit: t.connection(
    {
      type: UnreadAuditType,
      description:
        "Proves the counts of your conversations by counting their messages anew: `viewer { unreadAudit(first: 20) { edges { node { unreadCount unreadRecount agrees } } } }`. Costs as much as there are unread messages.",
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
    { name: "UnreadAuditEdge", description: "An audited conversation and its place in the list." },
  ),
}));
