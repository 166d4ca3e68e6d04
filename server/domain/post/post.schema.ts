import { builder, viewerDependent } from "../../graphql/builder.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { countOf, fromListCursor, paginate, toListCursor } from "../../graphql/connection.ts";
import { globalId, registerNode, requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  DeletedError,
  NotAllowedError,
  NotFoundError,
  RateLimitedError,
} from "../../kernel/errors.ts";
import type { PostRecord } from "./post.record.ts";
import { ViewerType } from "../session/session.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { PostKey, PostPage, PostRow, Published } from "./post.service.ts";

export const PostType = builder.objectRef<PostRecord>("Post").implement({
  description: "A post that a user published to their followers.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ description: "Global id.", resolve: (post) => globalId("Post", post.id) }),
    author: t.expose("author", { type: UserType, description: "The author." }),
    body: t.exposeString("body", { description: "The text, unchanged." }),
    clientId: t.expose("clientId", {
      type: "UUID",
      description: "The author's id for this post, by which a client recognizes its own post.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was published." }),
  }),
});

declare module "../../graphql/node.ts" {
  interface NodeKinds {
    Post: PostRecord;
  }
}

registerNode("Post", (ids, context) =>
  context.services.posts.visibleByIds(requireViewer(context.viewer).user.id, ids),
);

function postKey(cursor: string | undefined): PostKey | undefined {
  if (cursor === undefined) return undefined;
  const [position] = fromListCursor(cursor, 1);
  return { position: BigInt(countOf(position, Number.MAX_SAFE_INTEGER)) };
}

function paginatePosts(
  args: Parameters<typeof paginate>[0]["args"],
  maxSize: number,
  read: (page: PostPage) => Promise<PostRow[]>,
) {
  return paginate(
    {
      args,
      defaultSize: 50,
      maxSize,
      toCursor: (post: PostRow) => toListCursor(post.position.toString()),
      toNode: (post) => post,
    },
    ({ before, after, limit, inverted }) =>
      read({ before: postKey(before), after: postKey(after), limit, inverted }),
  );
}

builder.objectField(ViewerType, "timeline", (t) =>
  t.connection(
    {
      type: PostType,
      description:
        "Posts of the users whom you follow and your own, newest first, without users whom you muted: `timeline(first: 20) { edges { node { body author { username } } } }`.",
      resolve: (viewer, args, { services }) =>
        paginatePosts(args, services.server.facts.pageSize, (page) =>
          services.posts.timeline(viewer.user.id, page),
        ),
    },
    { name: "TimelineConnection", description: "A page of a timeline." },
    { name: "TimelineEdge", description: "A post and its cursor in the timeline." },
  ),
);

builder.objectField(UserType, "posts", (t) =>
  t.connection(
    {
      ...viewerDependent,
      type: PostType,
      description:
        "Posts of this user, newest first; empty if one of you has blocked the other. Depends on the viewer.",
      resolve: (user, args, { services, viewer }) =>
        paginatePosts(args, services.server.facts.pageSize, (page) =>
          services.posts.ofAuthor(requireViewer(viewer).user.id, user.id, page),
        ),
    },
    { name: "PostConnection", description: "A page of a user's posts." },
    { name: "PostEdge", description: "A post and its cursor in the list." },
  ),
);

mutation({
  name: "publish",
  description:
    "Publishes a post to your followers. The response follows after it is durably stored.",
  input: {
    description: 'The post: `{ body: "Hello, world" }`.',
    fields: (t) => ({
      body: t.string({
        required: true,
        description: "The text, at most `server.limits.messageLength` characters.",
      }),
      clientId: t.field({
        type: "UUID",
        description:
          "A UUID that you generate, new for each post. After a failure, publish again with the same UUID: the post is stored once.",
      }),
    }),
  },
  payload: {
    description: "The post is durably stored and will reach every follower.",
    fields: (t: PayloadFields<Published>) => ({
      post: t.expose("post", { type: PostType, description: "The published post." }),
      cursor: t.expose("position", { type: "Cursor", description: "Its log position." }),
    }),
  },
  errors: [DeletedError, RateLimitedError],
  resolve: ({ input, viewer, services }) =>
    services.posts.publish(viewer.user, input.body, input.clientId ?? null),
});

mutation({
  name: "deletePost",
  description: "Deletes one of your posts. Repeating it has no effect.",
  input: {
    description: "The post to delete.",
    fields: (t) => ({
      postId: t.id({ required: true, description: "Global id of one of your posts." }),
    }),
  },
  payload: {
    description: "The post is permanently deleted.",
    fields: (t: PayloadFields<{ postId: string; position: number }>) => ({
      deletedPostId: t.id({
        description: "Global id of the deleted post.",
        resolve: (payload) => globalId("Post", payload.postId),
      }),
      cursor: t.expose("position", {
        type: "Cursor",
        description: "Log position of the deletion.",
      }),
    }),
  },
  errors: [NotFoundError, NotAllowedError],
  resolve: async ({ input, viewer, services }) => {
    const postId = requireId("Post", input.postId, "postId");
    return { postId, position: await services.posts.remove(viewer.user, postId) };
  },
});
