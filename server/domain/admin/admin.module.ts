import { defineModule, type Needs } from "../../module.ts";
import { makeAdminService, type AdminService } from "./admin.service.ts";
import { makeAdminStore } from "./admin.store.ts";
import "./admin.schema.ts";
import "./admin-errors.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    admin: AdminService;
  }
}

export const adminModule = defineModule({
  name: "admin",
  create: ({
    config,
    database,
    log,
    clock,
    users,
    sessions,
    audit,
  }: Needs<"users" | "sessions" | "audit">) => ({
    services: {
      admin: makeAdminService({
        store: makeAdminStore(database),
        users,
        sessions,
        audit,
        log,
        clock,
        usernames: config.ADMIN_USERNAMES,
      }),
    },
  }),
});
