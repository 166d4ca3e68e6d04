import { defineModule } from "../../module.ts";
import type { AuditService } from "./audit.service.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    audit: AuditService;
  }
}

export const auditModule = defineModule({
  name: "audit",
});
