import { defineModule } from "../../module.ts";
import type { DeletionService } from "./deletion.service.ts";
import type { ExportService } from "./export.service.ts";
import "./account.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    exports: ExportService;
    deletions: DeletionService;
  }
}

export const accountModule = defineModule({
  name: "account",
});
