import { defineModule } from "../../module.ts";
import type { DirectService } from "./direct.service.ts";
import "./direct.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    directs: DirectService;
  }
}

export const directModule = defineModule({
  name: "direct",
});
