import { defineModule } from "../../module.ts";
import type { AdminService } from "./admin.service.ts";
import "./admin.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    admin: AdminService;
  }
}

export const adminModule = defineModule({
  name: "admin",
});
