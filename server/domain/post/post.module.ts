import { loadedBy } from "../../log/reference.ts";
import { defineModule, type Needs } from "../../module.ts";
import { postEvents, postReference } from "./post.events.ts";
import { makePostService, type PostService } from "./post.service.ts";
import { makePostStore } from "./post.store.ts";
import "./post.schema.ts";
import "./post-events.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    posts: PostService;
  }
}

declare module "../../infra/rate-limits.ts" {
  interface SharedLimits {
    PUBLISH: true;
  }
}

export const postModule = defineModule({
  name: "post",
  events: postEvents,
  create: ({ config, database, log, clock, rates, blocks }: Needs<"blocks">) => {
    const store = makePostStore(database);
    const bodyLength = config.MESSAGE_MAX_LENGTH;
    const posts = makePostService({ store, blocks, log, clock, rates, bodyLength });
    return {
      services: { posts },
      exportSections: [posts.exportSection],
      eraseUser: posts.eraseUser,
      referenceLoaders: [loadedBy(postReference, store.findByIds)],
    };
  },
});
