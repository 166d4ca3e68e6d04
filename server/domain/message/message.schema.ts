import { INT_MAX } from "../../kernel/int.ts";
import { builder, viewerDependent } from "../../graphql/builder.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { countOf, fromListCursor, paginate, toListCursor } from "../../graphql/connection.ts";
import { globalId, optionalId, registerNode, requireId } from "../../graphql/node.ts";
import {
  DeletedError,
  NotFoundError,
  OverloadedError,
  RateLimitedError,
} from "../../kernel/errors.ts";
import { BlockedError } from "../block/block.errors.ts";
import { ArchivedError, NotAMemberError } from "../conversation/conversation.errors.ts";
import { BannedError, MutedError, SlowModeError } from "../room/room.errors.ts";
import type { MessageRecord } from "./message.record.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { ConversationInterface } from "../conversation/conversation.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { Sent } from "./send.service.ts";

const MessageRef = builder.objectRef<MessageRecord>("Message");

export const MessageType = MessageRef.implement({
  description: "A message.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ description: "Global id.", resolve: (message) => globalId("Message", message.id) }),
    conversationId: t.id({
      description: "Global id of its conversation.",
      resolve: (message) => globalId("Conversation", message.conversationId),
    }),
    seq: t.exposeInt("seq", {
      description: "Number within its conversation, from 1, without gaps.",
    }),
    author: t.expose("author", { type: UserType, description: "The author." }),
    body: t.exposeString("body", { description: "The text, unchanged." }),
    clientId: t.expose("clientId", {
      type: "UUID",
      nullable: true,
      description: "The sender's id for this send, by which a client recognizes its own message.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was stored." }),
    replyTo: t.expose("replyTo", {
      type: MessageRef,
      nullable: true,
      description:
        "The message that it replies to. One level only: the `replyTo` of that message is null here.",
    }),
  }),
});

/** A page of messages, shared by all lists. */
export const MessageConnection = builder.connectionObject(
  { type: MessageRef, name: "MessageConnection", description: "A page of messages." },
  { name: "MessageEdge", description: "A message and its cursor in the list." },
);

declare module "../../graphql/node.ts" {
  interface NodeKinds {
    Message: MessageRecord;
  }
}

registerNode("Message", (ids, context) =>
  context.services.messages.visibleByIds(requireViewer(context.viewer).user.id, ids),
);

function seqOf(cursor: string | undefined): number | undefined {
  return cursor === undefined ? undefined : countOf(fromListCursor(cursor, 1)[0], INT_MAX);
}

const toCursor = (message: MessageRecord): string => toListCursor(message.seq);
const DEFAULT_PAGE = 50;

builder.interfaceFields(ConversationInterface, (t) => ({
  lastMessage: t.field({
    ...viewerDependent,
    type: MessageRef,
    nullable: true,
    description:
      "The newest message; null if there is none or you may not read it. Depends on the viewer.",
    resolve: (conversation, _args, context) => context.loaders.newestMessage.load(conversation.id),
  }),
  messages: t.connection(
    {
      ...viewerDependent,
      type: MessageRef,
      args: {
        around: t.arg.id({
          description:
            "Global id of a message: returns the page around it, with `first` messages (default 50).",
        }),
      },
      description:
        "The messages in order. `messages(last: 50)` is the newest page, and `before: pageInfo.startCursor` the page before it. Depends on the viewer.",
      resolve: async (conversation, args, context) => {
        const { messages, server } = context.services;
        const viewerId = requireViewer(context.viewer).user.id;
        const maxSize = server.facts.pageSize;
        if (typeof args.around === "string") {
          const middle = requireId("Message", args.around, "around");
          const count = Math.max(1, Math.min(args.first ?? DEFAULT_PAGE, maxSize));
          const found = await messages.around(viewerId, conversation.id, middle, count);
          const last = found.at(-1);
          const edges = found.map((node) => ({ node, cursor: toCursor(node) }));
          const stats = await context.loaders.stats.load(conversation.id);
          return {
            edges,
            pageInfo: {
              startCursor: edges[0]?.cursor ?? null,
              endCursor: edges.at(-1)?.cursor ?? null,
              hasPreviousPage: (found[0]?.seq ?? 1) > 1,
              hasNextPage: (last?.seq ?? 0) < (stats?.lastSeq ?? 0),
            },
          };
        }
        return paginate(
          {
            args,
            defaultSize: DEFAULT_PAGE,
            maxSize,
            toCursor,
            toNode: (message: MessageRecord) => message,
          },
          ({ before, after, limit, inverted }) =>
            messages.page(viewerId, conversation.id, {
              before: seqOf(before),
              after: seqOf(after),
              limit,
              inverted,
            }),
        );
      },
    },
    MessageConnection,
  ),
}));

mutation({
  name: "sendMessage",
  description: "Sends a message. The response follows after the message is durably stored.",
  input: {
    description: "The message to send and its conversation.",
    fields: (t) => ({
      conversationId: t.id({
        required: true,
        description: "Global id of a conversation of which you are a member.",
      }),
      body: t.string({
        required: true,
        description: "The text, at most `server.limits.messageLength` characters.",
      }),
      clientId: t.field({
        type: "UUID",
        description:
          "A UUID that you generate, new for each message. After a failure, send again with the same UUID: the message is stored once, where it was sent first.",
      }),
      attachmentIds: t.idList({
        description:
          "Ids of your complete and unused uploads, at most 10. With files, the text may be empty.",
      }),
      replyToId: t.id({
        description: "Global id of the message to reply to, in the same conversation.",
      }),
      threadRootId: t.id({
        description:
          "Global id of the root message of a thread in the same conversation. The root must not be in a thread itself.",
      }),
    }),
  },
  payload: {
    description: "The message is durably stored and will reach every member.",
    fields: (t: PayloadFields<Sent>) => ({
      sentMessage: t.expose("message", {
        type: MessageRef,
        description:
          "The message. It is not named `message`, so that `... on Error { message }` can be selected beside it.",
      }),
      cursor: t.expose("position", { type: "Cursor", description: "Its log position." }),
    }),
  },
  errors: [
    NotFoundError,
    BannedError,
    NotAMemberError,
    ArchivedError,
    BlockedError,
    MutedError,
    SlowModeError,
    DeletedError,
    RateLimitedError,
    OverloadedError,
  ],
  resolve: ({ input, viewer, services }) =>
    services.sending.send(viewer.user, {
      conversationId: requireId("Conversation", input.conversationId, "conversationId"),
      body: input.body,
      clientId: input.clientId ?? null,
      attachmentIds: (input.attachmentIds ?? []).map((id) =>
        requireId("Attachment", id, "attachmentIds"),
      ),
      replyToId: optionalId("Message", input.replyToId, "replyToId"),
      threadRootId: optionalId("Message", input.threadRootId, "threadRootId"),
    }),
});
