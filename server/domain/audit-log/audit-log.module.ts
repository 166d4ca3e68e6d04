import { defineModule } from "../../module.ts";
import type { AuditLogService } from "./audit-log.service.ts";
import "./audit-log.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    auditLog: AuditLogService;
  }
}

export const auditLogModule = defineModule({
  name: "audit-log",
});
