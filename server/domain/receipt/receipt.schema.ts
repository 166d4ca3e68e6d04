import { builder, viewerDependent } from "../../graphql/builder.ts";
import { countOf, fromListCursor, paginate, toListCursor } from "../../graphql/connection.ts";
import { globalId } from "../../graphql/node.ts";
import { streamField } from "../../graphql/stream-field.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import type { MembershipRecord } from "../conversation/conversation.record.ts";
import type { MarkRecord } from "./mark.record.ts";
import { iterateSignals } from "../../signal/signal-iterator.ts";
import type { SignalOf } from "../../signal/signal.ts";
import { ActivityInterface } from "../activity/activity.schema.ts";
import { ConversationInterface, MembershipType } from "../conversation/conversation.schema.ts";
import { MessageType } from "../message/message.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { ReceiptKey, ReceiptRow } from "./receipt.service.ts";

export const OwnMarkType = builder.objectRef<MarkRecord>("OwnMark").implement({
  description:
    "Your read position in a conversation and its unread counts, all from one moment. Only you can see it.",
  fields: (t) => ({
    conversationId: t.id({
      description: "Global id of the conversation.",
      resolve: (mark) => globalId("Conversation", mark.conversationId),
    }),
    lastReadSeq: t.exposeInt("readSeq", { description: "The `seq` up to which you have read." }),
    lastDeliveredSeq: t.exposeInt("deliveredSeq", {
      description: "The `seq` up to which messages have reached one of your devices.",
    }),
    readCount: t.exposeInt("readCount", {
      description:
        "Number of messages up to `lastReadSeq` that count as readable: text messages that are not deleted.",
    }),
    unreadCount: t.int({
      description: "Unread messages: `countedMessages` minus `readCount`.",
      resolve: (mark) => mark.counted - mark.readCount,
    }),
    unreadMentionCount: t.exposeInt("mentions", {
      description: "Number of unread messages that mention you or all members.",
    }),
    revision: t.exposeInt("revision", {
      description: "The membership's `markRevision`. Of two values, the higher one is newer.",
    }),
    lastSeq: t.exposeInt("lastSeq", {
      description: "The conversation's `lastSeq` at that moment.",
    }),
    countedMessages: t.exposeInt("counted", {
      description: "The conversation's `countedMessages` at that moment.",
    }),
  }),
});

builder.objectRef<SignalOf<"RECEIPT_MOVED">>("ReceiptMoved").implement({
  description:
    "A user received or read more messages, or marked messages as unread. You do not receive your own marks. A sent message also moves its author's marks, without this signal.",
  interfaces: [ActivityInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "The user.",
      resolve: (signal) => signal.payload.user,
    }),
    membershipId: t.id({
      description: "Global id of the user's membership.",
      resolve: (signal) => globalId("Membership", signal.payload.membershipId),
    }),
    readSeq: t.int({
      description: "The `seq` up to which the user has read.",
      resolve: (signal) => signal.payload.readSeq,
    }),
    deliveredSeq: t.int({
      description: "The `seq` up to which messages have reached one of the user's devices.",
      resolve: (signal) => signal.payload.deliveredSeq,
    }),
    revision: t.int({
      description: "The membership's `markRevision`. Of two values, the higher one is newer.",
      resolve: (signal) => signal.payload.revision,
    }),
    lastSeq: t.int({
      description:
        "The last `seq` that it includes. A user who has sent a later message has read at least that far.",
      resolve: (signal) => signal.payload.lastSeq,
    }),
  }),
});

builder.interfaceFields(ConversationInterface, (t) => ({
  unreadCount: t.int({
    ...viewerDependent,
    description:
      "Number of unread messages, without deleted and `SYSTEM` messages; 0 if you are not a member. Depends on the viewer.",
    resolve: async (conversation, _args, context) => {
      const mark = await context.loaders.marks.load(conversation.id);
      return mark === null ? 0 : mark.counted - mark.readCount;
    },
  }),
  unreadMentionCount: t.int({
    ...viewerDependent,
    description:
      "Number of unread messages that mention you or all members; 0 if you are not a member. Depends on the viewer.",
    resolve: async (conversation, _args, context) =>
      (await context.loaders.marks.load(conversation.id))?.mentions ?? 0,
  }),
  viewerMark: t.field({
    ...viewerDependent,
    type: OwnMarkType,
    nullable: true,
    description:
      "Your read position, with the counters needed to keep it up to date; null if you are not a member. Depends on the viewer.",
    resolve: (conversation, _args, context) => context.loaders.marks.load(conversation.id),
  }),
}));

const MessageReceiptType = builder
  .objectRef<{ membership: MembershipRecord; seq: number }>("MessageReceipt")
  .implement({
    description: "A user whom a message has reached.",
    fields: (t) => ({
      membership: t.expose("membership", {
        type: MembershipType,
        description: "The user's membership, with the marks.",
      }),
      read: t.boolean({
        description: "Whether the user has read the message, not only received it.",
        resolve: ({ membership, seq }) => membership.lastReadSeq >= seq,
      }),
    }),
  });

function receiptKey(cursor: string | undefined): ReceiptKey | undefined {
  if (cursor === undefined) return undefined;
  const [position] = fromListCursor(cursor, 1);
  return { joinedPosition: BigInt(countOf(position, Number.MAX_SAFE_INTEGER)) };
}

builder.objectField(MessageType, "receipts", (t) =>
  t.connection(
    {
      ...viewerDependent,
      type: MessageReceiptType,
      args: {
        read: t.arg.boolean({
          defaultValue: false,
          description: "Only users who have read it.",
        }),
      },
      description:
        "Receipts of the members whom it has reached, in the order of joining, without its author and later members: `receipts(read: true, first: 10) { edges { node { membership { user { username } } } } }`. Only for members. Depends on the viewer.",
      resolve: async (message, args, context) => {
        requireViewer(context.viewer);
        const rights = await context.loaders.messageRights.load(message.id);
        return paginate(
          {
            args,
            defaultSize: 20,
            maxSize: context.services.server.facts.pageSize,
            toCursor: (row: ReceiptRow) => toListCursor(row.joinedPosition.toString()),
            toNode: (membership) => ({ membership, seq: message.seq }),
          },
          ({ before, after, limit, inverted }) =>
            context.services.receipts.receipts(rights, message, args.read ?? false, {
              before: receiptKey(before),
              after: receiptKey(after),
              limit,
              inverted,
            }),
        );
      },
    },
    {
      name: "MessageReceiptConnection",
      description: "A page of users whom a message has reached.",
    },
    {
      name: "MessageReceiptEdge",
      description: "A user whom the message has reached, and its cursor in the list.",
    },
  ),
);

builder.subscriptionField("ownMarks", (t) => {
  const stream = streamField<Record<string, never>, SignalOf<"OWN_MARK_MOVED">>({
    isState: true,
    iterate: iterateSignals,
    prepare: (_args, context) => {
      const viewerId = requireViewer(context.viewer).user.id;
      return (sink) => context.services.receipts.openOwn(viewerId, sink);
    },
  });
  return t.field({
    type: OwnMarkType,
    description:
      "Your own marks, whenever one of your devices moves them: `subscription { ownMarks { conversationId lastReadSeq unreadCount unreadMentionCount } }`. It starts with the marks of all your conversations. It sends each change of `unreadMentionCount`. For changes of `unreadCount` by new and deleted messages, use `events`.",
    ...stream,
    resolve: (value: unknown, args, context) => stream.resolve(value, args, context).payload,
  });
});
