import { defineModule, type Needs } from "../../module.ts";
import { makeDeletionService, type DeletionService } from "./deletion.service.ts";
import { makeExportService, type ExportService } from "./export.service.ts";
import { makeDeletionStore } from "./deletion.store.ts";
import { makeExportStore } from "./export.store.ts";
import "./account.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    exports: ExportService;
    deletions: DeletionService;
  }
}

declare module "../../infra/rate-limits.ts" {
  interface SharedLimits {
    EXPORT: true;
  }
}

type AccountNeeds = Needs<
  "auth" | "sessions" | "users" | "leaveAll" | "ownMessages" | "admin" | "audit"
>;

export const accountModule = defineModule({
  name: "account",
  create: (context: AccountNeeds) => {
    const { config, database, log, clock, logger, rates, contributions } = context;
    const { auth, sessions, users, leaveAll, ownMessages, admin, audit } = context;
    const exports = makeExportService({
      store: makeExportStore(database),
      auth,
      audit,
      log,
      clock,
      rates,
      sections: contributions.exportSections,
      timeoutMs: config.EXPORT_SECONDS * 1_000,
    });
    const deletions = makeDeletionService({
      store: makeDeletionStore(database),
      auth,
      sessions,
      users,
      memberships: leaveAll,
      messages: ownMessages,
      admin,
      audit,
      eraseUser: contributions.eraseUser,
      log,
      clock,
      logger,
    });
    return {
      services: { exports, deletions },
      eraseUser: exports.eraseUser,
      startBackground: deletions.start,
      stop: deletions.stop,
    };
  },
});
