import { globalId } from "../../graphql/node.ts";
import { eventType } from "../event/event-interface.schema.ts";
import { UserType } from "../user/user.schema.ts";
import { PostType } from "./post.schema.ts";
import { postDeleted, postPublished } from "./post.events.ts";

eventType(postPublished, {
  description: "A user whom you follow, or you, published a post.",
  fields: (t) => ({
    post: t.field({
      type: PostType,
      description: "The post.",
      resolve: (event) => event.payload.post,
    }),
  }),
});

eventType(postDeleted, {
  description: "A post was deleted. Timelines no longer contain it.",
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
