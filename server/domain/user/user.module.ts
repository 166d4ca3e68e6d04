import type DataLoader from "dataloader";
import { batchLoader } from "../../graphql/loaders.ts";
import { userEvents, userReference } from "./user.events.ts";
import type { UserRecord } from "./user.record.ts";
import { loadedBy } from "../../log/reference.ts";
import { defineModule, type Needs } from "../../module.ts";
import { makeProfileService, type ProfileService } from "./profile.service.ts";
import { makeUserSearchService, type UserSearchService } from "./user-search.service.ts";
import { makeUserService, type UserService } from "./user.service.ts";
import { makeUserSearchStore } from "./user-search.store.ts";
import { makeUserStore } from "./user.store.ts";
import "./user.schema.ts";
import "./user-search.schema.ts";
import "./profile.schema.ts";
import "./user-events.schema.ts";
import "./user-errors.schema.ts";

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
  events: userEvents,
  embeddedReferences: [userReference],
  loaders: {
    users: batchLoader<UserRecord | null>(
      async (ids, { services }) =>
        new Map((await services.users.byIds(ids)).map((user) => [user.id, user])),
      null,
    ),
  },
  create: ({ database, log, clock, uploads }: Needs<"uploads">) => {
    const store = makeUserStore(database);
    const users = makeUserService(store);
    return {
      services: {
        users,
        userSearch: makeUserSearchService(makeUserSearchStore(database)),
        profiles: makeProfileService({ store, uploads, log, clock }),
      },
      exportSections: [users.exportSection],
      referenceLoaders: [
        loadedBy(
          userReference,
          async (ids) => new Map((await store.findByIds(ids)).map((user) => [user.id, user])),
        ),
      ],
    };
  },
});
