import { defineModule } from "../../module.ts";
import type { AuthService } from "./auth.service.ts";
import "./auth.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    auth: AuthService;
  }
}

export const authModule = defineModule({
  name: "auth",
});
