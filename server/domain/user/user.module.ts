import type DataLoader from "dataloader";
import { batchLoader } from "../../graphql/loaders.ts";
import type { UserRecord } from "../../log/records.ts";
import { defineModule } from "../../module.ts";
import type { ProfileService } from "./profile.service.ts";
import type { UserSearchService } from "./user-search.service.ts";
import type { UserService } from "./user.service.ts";
import "./user.schema.ts";
import "./user-search.schema.ts";
import "./profile.schema.ts";
import "./user-events.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    users: UserService;
    userSearch: UserSearchService;
    profiles: ProfileService;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** Users by id. */
    users: DataLoader<string, UserRecord | null>;
  }
}

export const userModule = defineModule({
  name: "user",
  loaders: {
    users: batchLoader<UserRecord | null>(
      async (ids, { services }) =>
        new Map((await services.users.byIds(ids)).map((user) => [user.id, user])),
      null,
    ),
  },
});
