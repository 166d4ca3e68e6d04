import { defineModule } from "../../module.ts";
import type { SearchService } from "./search.service.ts";
import "./search.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    search: SearchService;
  }
}

export const searchModule = defineModule({
  name: "search",
});
