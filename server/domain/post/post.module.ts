import { defineModule } from "../../module.ts";
import type { PostService } from "./post.service.ts";
import "./post.schema.ts";
import "./post-events.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    posts: PostService;
  }
}

export const postModule = defineModule({
  name: "post",
});
