import { INT_MAX } from "../../kernel/int.ts";
import { builder, viewerDependent } from "../../graphql/builder.ts";
import { type InputFields, mutation, type PayloadFields } from "../../graphql/mutation.ts";
import {
  countOf,
  dateOf,
  fromListCursor,
  paginate,
  toListCursor,
  uuidOf,
} from "../../graphql/connection.ts";
import { globalId, requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { DeletedError, NotFoundError, RateLimitedError } from "../../kernel/errors.ts";
import { NotAMemberError } from "../conversation/conversation.errors.ts";
import { BannedError } from "../room/room.errors.ts";
import type { MessageRecord } from "../message/message.record.ts";
import type { ThreadRecord } from "./thread.record.ts";
import { ViewerType } from "../session/session.schema.ts";
import { ConversationInterface } from "../conversation/conversation.schema.ts";
import { MessageConnection, MessageType } from "../message/message.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { ThreadFollowResult, ListedThread, ThreadKey } from "./thread.service.ts";

const ThreadType = builder.objectRef<ThreadRecord>("Thread").implement({
  description: "Totals of the replies in a message's thread.",
  fields: (t) => ({
    replyCount: t.exposeInt("replyCount", {
      description: "Number of replies, without deleted ones.",
    }),
    lastReplyAt: t.expose("lastReplyAt", {
      type: "DateTime",
      description: "Time of the last reply.",
    }),
    lastRepliers: t.expose("repliers", {
      type: [UserType],
      description: "The last three users who replied, latest first.",
    }),
  }),
});

function threadKey(cursor: string | undefined): ThreadKey | undefined {
  if (cursor === undefined) return undefined;
  const [lastReplyAt, rootId] = fromListCursor(cursor, 2);
  return { lastReplyAt: dateOf(lastReplyAt), rootId: uuidOf(rootId) };
}

const threadPage = {
  defaultSize: 20,
  toCursor: (thread: ListedThread) => toListCursor(thread.lastReplyAt.toISOString(), thread.rootId),
  toNode: (thread: ListedThread) => thread.root,
};

function seqOf(cursor: string | undefined): number | undefined {
  return cursor === undefined ? undefined : countOf(fromListCursor(cursor, 1)[0], INT_MAX);
}

builder.objectFields(MessageType, (t) => ({
  threadRootId: t.id({
    nullable: true,
    description:
      "Global id of the root message of its thread; null if it is not a reply in a thread.",
    resolve: ({ threadRootId }) =>
      threadRootId === null ? null : globalId("Message", threadRootId),
  }),
  threadRoot: t.expose("threadRoot", {
    type: MessageType,
    nullable: true,
    description:
      "The root message; its `thread` already counts this reply. One level only: its own `replyTo` is null here.",
  }),
  thread: t.expose("thread", {
    type: ThreadType,
    nullable: true,
    description:
      "The thread with this root: `thread { replyCount lastReplyAt lastRepliers { username } }`. Null without replies. It remains when the message is deleted.",
  }),
  threadReplies: t.connection(
    {
      ...viewerDependent,
      type: MessageType,
      description:
        "The replies in this message's thread, in order: `threadReplies(last: 20)` are the newest. Depends on the viewer.",
      resolve: async (message, args, context) => {
        requireViewer(context.viewer);
        const rights = await context.loaders.messageRights.load(message.id);
        return paginate(
          {
            args,
            defaultSize: 50,
            maxSize: context.services.server.facts.pageSize,
            toCursor: (reply: MessageRecord) => toListCursor(reply.seq),
            toNode: (reply) => reply,
          },
          ({ before, after, limit, inverted }) =>
            context.services.threads.replies(rights, message.id, {
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
  viewerFollowsThread: t.boolean({
    ...viewerDependent,
    description:
      "Whether you follow the thread of this message. Users follow it from their first reply, and the author from the start, until they unfollow it. Depends on the viewer.",
    resolve: async (message, _args, context) => {
      const { user } = requireViewer(context.viewer);
      const root = message.threadRoot ?? message;
      const choice = await context.loaders.followsThread.load(root.id);
      return choice ?? root.author.id === user.id;
    },
  }),
}));

builder.interfaceField(ConversationInterface, "threads", (t) =>
  t.connection(
    {
      ...viewerDependent,
      type: MessageType,
      description:
        "The root messages of the threads here, latest reply first: `threads(first: 10) { edges { node { body thread { replyCount } } } }`. Depends on the viewer.",
      resolve: (conversation, args, context) =>
        paginate(
          { args, maxSize: context.services.server.facts.pageSize, ...threadPage },
          ({ before, after, limit, inverted }) =>
            context.services.threads.ofConversation(
              requireViewer(context.viewer).user.id,
              conversation.id,
              { before: threadKey(before), after: threadKey(after), limit, inverted },
            ),
        ),
    },
    MessageConnection,
  ),
);

builder.objectField(ViewerType, "threads", (t) =>
  t.connection(
    {
      type: MessageType,
      description:
        "Root messages of the threads that you follow, latest reply first. Only threads in conversations of which you are a member.",
      resolve: (viewer, args, context) =>
        paginate(
          { args, maxSize: context.services.server.facts.pageSize, ...threadPage },
          ({ before, after, limit, inverted }) =>
            context.services.threads.followedBy(viewer.user.id, {
              before: threadKey(before),
              after: threadKey(after),
              limit,
              inverted,
            }),
        ),
    },
    MessageConnection,
  ),
);

const threadInput = (t: InputFields) => ({
  threadRootId: t.id({
    required: true,
    description: "Global id of the root message.",
  }),
});

const followPayload = (t: PayloadFields<ThreadFollowResult>) => ({
  threadRoot: t.expose("root", {
    type: MessageType,
    description: "The root message.",
  }),
  cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
});

mutation({
  name: "followThread",
  description:
    "Adds a thread to `viewer.threads`, even one without replies. Repeating it has no effect.",
  input: { description: "The thread to follow.", fields: threadInput },
  payload: { description: "You follow the thread.", fields: followPayload },
  errors: [NotFoundError, BannedError, NotAMemberError, DeletedError, RateLimitedError],
  resolve: ({ input, viewer, services }) => {
    const rootId = requireId("Message", input.threadRootId, "threadRootId");
    return services.threads.setFollowing(viewer.user.id, rootId, true);
  },
});

mutation({
  name: "unfollowThread",
  description:
    "Removes a thread from `viewer.threads` until you reply in it again. Repeating it has no effect.",
  input: { description: "The thread to unfollow.", fields: threadInput },
  payload: { description: "You do not follow the thread.", fields: followPayload },
  errors: [NotFoundError, BannedError, NotAMemberError, RateLimitedError],
  resolve: ({ input, viewer, services }) => {
    const rootId = requireId("Message", input.threadRootId, "threadRootId");
    return services.threads.setFollowing(viewer.user.id, rootId, false);
  },
});
