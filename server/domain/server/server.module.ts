import { defineModule } from "../../module.ts";
import type { ServerService } from "./server.service.ts";
import "./server.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    server: ServerService;
  }
}

export const serverModule = defineModule({
  name: "server",
});
