import { defineModule, type Needs } from "../../module.ts";
import { makeAuditLogService, type AuditLogService } from "./audit-log.service.ts";
import "./audit-log.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    auditLog: AuditLogService;
  }
}

export const auditLogModule = defineModule({
  name: "audit-log",
  create: ({ audit, admin, conversations }: Needs<"audit" | "admin" | "conversations">) => ({
    services: { auditLog: makeAuditLogService({ audit, admin, conversations }) },
  }),
});
