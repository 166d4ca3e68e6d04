import { defineModule, type ModuleContext } from "../../module.ts";
import { makeAuditService, type AuditService } from "./audit.service.ts";
import { makeAuditStore } from "./audit.store.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    audit: AuditService;
  }
}

export const auditModule = defineModule({
  name: "audit",
  create: ({ config, database, clock, logger }: ModuleContext) => {
    const audit = makeAuditService({
      store: makeAuditStore(database),
      clock,
      logger,
      retentionDays: config.AUDIT_RETENTION_DAYS,
    });
    return {
      services: { audit },
      exportSections: [audit.exportSection],
      startBackground: audit.start,
      stop: audit.stop,
    };
  },
});
