import { builder, viewerDependent } from "../../graphql/builder.ts";
import { countOf, fromListCursor, paginate, toListCursor } from "../../graphql/connection.ts";
import { globalId, requireId } from "../../graphql/node.ts";
import { streamField } from "../../graphql/stream-field.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  BannedError,
  InvalidInputError,
  NotAMemberError,
  NotAuthenticatedError,
  NotFoundError,
  OverloadedError,
} from "../../kernel/errors.ts";
import type { MarkRecord, MembershipRecord } from "../../log/records.ts";
import { iterateSignals } from "../../signal/signal-iterator.ts";
import type { SignalOf } from "../../signal/signal.ts";
import { ActivityInterface } from "../activity/activity.schema.ts";
import { ConversationInterface, MembershipType } from "../conversation/conversation.schema.ts";
import { MessageType } from "../message/message.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { ReceiptKey, ReceiptRow } from "./receipt.service.ts";

const OwnMarkType = builder.objectRef<MarkRecord>("OwnMark").implement({
  description:
    "How far you are in a conversation and what is unread there: all numbers of one moment. For you alone.",
  fields: (t) => ({
    conversationId: t.id({
      description: "Global id of the conversation.",
      resolve: (mark) => globalId("Conversation", mark.conversationId),
    }),
    lastReadSeq: t.exposeInt("readSeq", { description: "The `seq` up to which you have read." }),
    lastDeliveredSeq: t.exposeInt("deliveredSeq", {
      description: "The `seq` up to which messages have reached a device of yours.",
    }),
    readCount: t.exposeInt("readCount", {
      description:
        "How many of the messages up to `lastReadSeq` count as something to read: those that somebody said and nobody deleted.",
    }),
    unreadCount: t.int({
      description: "Messages that you have not read: `countedMessages` without `readCount`.",
      resolve: (mark) => mark.counted - mark.readCount,
    }),
    unreadMentionCount: t.exposeInt("mentions", {
      description: "How many of the unread messages mention you, or everyone here.",
    }),
    revision: t.exposeInt("revision", {
      description:
        "The membership's `markRevision`: of two tellings, the one with the higher number is newer.",
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
    "Somebody has received or read more messages, or marked some as unread again. You are not told of yourself. Sending moves the author's marks too; that is not told here.",
  interfaces: [ActivityInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "Who.",
      resolve: (signal) => signal.payload.user,
    }),
    membershipId: t.id({
      description: "Global id of the person's membership.",
      resolve: (signal) => globalId("Membership", signal.payload.membershipId),
    }),
    readSeq: t.int({
      description: "The `seq` up to which the person has read.",
      resolve: (signal) => signal.payload.readSeq,
    }),
    deliveredSeq: t.int({
      description: "The `seq` up to which messages have reached a device of the person.",
      resolve: (signal) => signal.payload.deliveredSeq,
    }),
    revision: t.int({
      description:
        "The membership's `markRevision`: of two tellings, the one with the higher number is newer.",
      resolve: (signal) => signal.payload.revision,
    }),
    lastSeq: t.int({
      description:
        "Up to which `seq` it takes messages into account: whoever has sent a later one is further than it says.",
      resolve: (signal) => signal.payload.lastSeq,
    }),
  }),
});

builder.interfaceFields(ConversationInterface, (t) => ({
  unreadCount: t.int({
    ...viewerDependent,
    description:
      "Messages that you have not read, without deleted ones and those that only tell what happened; 0 when you are not a member. Depends on the viewer.",
    resolve: async (conversation, _args, context) => {
      const mark = await context.loaders.marks.load(conversation.id);
      return mark === null ? 0 : mark.counted - mark.readCount;
    },
  }),
  unreadMentionCount: t.int({
    ...viewerDependent,
    description:
      "How many of the unread messages mention you, or everyone here; 0 when you are not a member. Depends on the viewer.",
    resolve: async (conversation, _args, context) =>
      (await context.loaders.marks.load(conversation.id))?.mentions ?? 0,
  }),
  viewerMark: t.field({
    ...viewerDependent,
    type: OwnMarkType,
    nullable: true,
    description:
      "How far you are, with all numbers that keeping it current takes; null when you are not a member. Depends on the viewer.",
    resolve: (conversation, _args, context) => context.loaders.marks.load(conversation.id),
  }),
}));

const MessageReceiptType = builder
  .objectRef<{ membership: MembershipRecord; seq: number }>("MessageReceipt")
  .implement({
    description: "Somebody whom a message has reached.",
    fields: (t) => ({
      membership: t.expose("membership", {
        type: MembershipType,
        description: "Who, with the marks.",
      }),
      read: t.boolean({
        description: "Whether the person has read it, and not only received it.",
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
          description: "Only those who have read it.",
        }),
      },
      description:
        "Whom it has reached, in the order of joining, without its author and those who joined after it: `receipts(read: true, first: 10) { edges { node { membership { user { username } } } } }`. For members. Depends on the viewer.",
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
      description: "A page of those whom a message has reached.",
    },
    {
      name: "MessageReceiptEdge",
      description: "Somebody whom it has reached, and the place in the list.",
    },
  ),
);

const MarkReadInput = builder.inputType("MarkReadInput", {
  description: "How far you have read.",
  fields: (t) => ({
    conversationId: t.id({ required: true, description: "Global id of a conversation of yours." }),
    seq: t.int({
      required: true,
      description: "The `seq` of the last message that you have read.",
    }),
  }),
});
const MarkUnreadInput = builder.inputType("MarkUnreadInput", {
  description: "What to read again.",
  fields: (t) => ({
    conversationId: t.id({ required: true, description: "Global id of a conversation of yours." }),
    seq: t.int({
      required: true,
      description: "The `seq` of the first message that shall be unread.",
    }),
  }),
});
const DeliveredMarkInput = builder.inputType("DeliveredMarkInput", {
  description: "How far the messages of a conversation have reached this device.",
  fields: (t) => ({
    conversationId: t.id({ required: true, description: "Global id of a conversation of yours." }),
    seq: t.int({ required: true, description: "The `seq` of the last message received." }),
  }),
});
const MarkDeliveredInput = builder.inputType("MarkDeliveredInput", {
  description:
    'What has reached this device: `{ marks: [{ conversationId: "Q29udmV…", seq: 12 }] }`.',
  fields: (t) => ({
    marks: t.field({
      type: [DeliveredMarkInput],
      required: true,
      description: "1 to 100 conversations; tell of many at once.",
    }),
  }),
});

const movedPayload = (name: string, description: string) =>
  builder.objectRef<{ mark: MarkRecord }>(name).implement({
    description,
    fields: (t) => ({
      membership: t.field({
        ...viewerDependent,
        type: MembershipType,
        description: "Your place, with the new mark. Depends on the viewer.",
        resolve: async ({ mark }, _args, context) => {
          const found = await context.loaders.viewerMembership.load(mark.conversationId);
          if (found === null) throw new NotAMemberError();
          return found;
        },
      }),
      mark: t.expose("mark", { type: OwnMarkType, description: "The new mark, with the counts." }),
      unreadCount: t.int({
        description: "What is left to read here.",
        resolve: ({ mark }) => mark.counted - mark.readCount,
      }),
    }),
  });

const MarkReadPayload = movedPayload(
  "MarkReadPayload",
  "The read mark is where you asked for, or further.",
);
const MarkUnreadPayload = movedPayload(
  "MarkUnreadPayload",
  "The read mark is before the message that you named.",
);
const MarkDeliveredPayload = builder
  .objectRef<{ marks: MarkRecord[] }>("MarkDeliveredPayload")
  .implement({
    description: "The marks are where you asked for, or further.",
    fields: (t) => ({
      marks: t.expose("marks", {
        type: [OwnMarkType],
        description:
          "The marks, without those of conversations that you are not in or no longer in.",
      }),
    }),
  });

builder.mutationFields((t) => ({
  markRead: t.field({
    type: MarkReadPayload,
    args: {
      input: t.arg({ type: MarkReadInput, required: true, description: "How far you have read." }),
    },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        NotFoundError,
        BannedError,
        NotAMemberError,
        OverloadedError,
      ],
      union: { name: "MarkReadResult", description: "What comes of `markRead`." },
    },
    description:
      "Marks messages as read up to a `seq`. The mark never moves back and never past the newest message.",
    resolve: async (_parent, { input }, context) => ({
      mark: await context.services.receipts.markRead(requireViewer(context.viewer).user, {
        conversationId: requireId("Conversation", input.conversationId, "conversationId"),
        seq: input.seq,
      }),
    }),
  }),
  markUnread: t.field({
    type: MarkUnreadPayload,
    args: {
      input: t.arg({ type: MarkUnreadInput, required: true, description: "What to read again." }),
    },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        NotFoundError,
        BannedError,
        NotAMemberError,
      ],
      union: { name: "MarkUnreadResult", description: "What comes of `markUnread`." },
    },
    description:
      "Marks messages as unread from a `seq` on, those of your own among them. The mark never moves forward.",
    resolve: async (_parent, { input }, context) => ({
      mark: await context.services.receipts.markUnread(requireViewer(context.viewer).user, {
        conversationId: requireId("Conversation", input.conversationId, "conversationId"),
        seq: input.seq,
      }),
    }),
  }),
  markDelivered: t.field({
    type: MarkDeliveredPayload,
    args: {
      input: t.arg({ type: MarkDeliveredInput, required: true, description: "What has arrived." }),
    },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, OverloadedError],
      union: { name: "MarkDeliveredResult", description: "What comes of `markDelivered`." },
    },
    description:
      "Tells that messages have reached this device, in many conversations at once. What is read counts as delivered anyway.",
    resolve: async (_parent, { input }, context) => ({
      marks: await context.services.receipts.markDelivered(
        requireViewer(context.viewer).user,
        input.marks.map(({ conversationId, seq }, index) => ({
          conversationId: requireId(
            "Conversation",
            conversationId,
            `marks.${String(index)}.conversationId`,
          ),
          seq,
        })),
      ),
    }),
  }),
}));

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
      "Your own marks as they move, on whichever device: `subscription { ownMarks { conversationId lastReadSeq unreadCount unreadMentionCount } }`. It begins with those of all your conversations. What new and deleted messages change in `unreadCount`, `events` tells; `unreadMentionCount` is told here whenever it changes.",
    ...stream,
    resolve: (value: unknown, args, context) => stream.resolve(value, args, context).payload,
  });
});
