import { builder } from "../../graphql/builder.ts";
import { globalId } from "../../graphql/node.ts";
import { EventInterface, type EventOf } from "../event/event-interface.schema.ts";
import { UserType } from "../user/user.schema.ts";
import { PostType } from "./post.schema.ts";

builder.objectRef<EventOf<"POST_PUBLISHED">>("PostPublished").implement({
  description: "A user whom you follow, or you, published a post.",
  interfaces: [EventInterface],
  fields: (t) => ({
    post: t.field({
      type: PostType,
      description: "The post.",
      resolve: (event) => event.payload.post,
    }),
  }),
});

builder.objectRef<EventOf<"POST_DELETED">>("PostDeleted").implement({
  description: "A post was deleted. It is gone from every timeline.",
  interfaces: [EventInterface],
  fields: (t) => ({
    postId: t.id({
      description: "Global id of the deleted post.",
      resolve: (event) => globalId("Post", event.payload.postId),
    }),
    author: t.field({
      type: UserType,
      description: "The author of the deleted post.",
      resolve: (event) => event.payload.author,
    }),
  }),
});
