import { makeDeletionService } from "../domain/account/deletion.service.ts";
import { makeDeletionStore } from "../domain/account/deletion.store.ts";
import { makeExportService } from "../domain/account/export.service.ts";
import { makeExportStore } from "../domain/account/export.store.ts";
import { PASSWORD_MIN_LENGTH } from "../domain/auth/auth.policy.ts";
import { makeAuthService } from "../domain/auth/auth.service.ts";
import { makeAuthStore } from "../domain/auth/auth.store.ts";
import { makeReportService } from "../domain/moderation/report.service.ts";
import { makeReportStore } from "../domain/moderation/report.store.ts";
import { makePasswords } from "../infra/passwords.ts";
import type { Services } from "../graphql/services.ts";
import type { Parts } from "./parts.ts";
import type { Foundation } from "./foundation.ts";
import type { Talk } from "./talk.ts";
import type { People } from "./people.ts";
import type { Rooms } from "./rooms.ts";
import type { Files } from "./files.ts";

/** Accounts: log-in, reports, exports and the end. */
export type Accounts = Pick<Services, "auth" | "reports" | "exports" | "deletions">;

export interface AccountsOptions {
  parts: Parts;
  made: Foundation & Files & Talk & Rooms & People;
}

/** Makes what accounts begin and end with. */
export function makeAccounts({ parts, made }: AccountsOptions): Accounts {
  const { config, database, logger, clock } = parts;
  const {
    admin,
    audit,
    blocks,
    conversations,
    directs,
    drafts,
    follows,
    log,
    messages,
    ownMessages,
    posts,
    presence,
    rates,
    reactions,
    release,
    rooms,
    schedules,
    sessions,
    threads,
    uploads,
    users,
  } = made;

  const auth = makeAuthService({
    store: makeAuthStore(database),
    sessions,
    users,
    rooms,
    admin,
    audit,
    passwords: makePasswords({
      concurrency: config.PASSWORD_CONCURRENCY,
      queueLimit: config.PASSWORD_QUEUE,
      memoryMiB: config.PASSWORD_MEMORY_MIB,
      shortest: PASSWORD_MIN_LENGTH,
    }),
    ownWords: [config.SERVER_NAME, "parley"],
    log,
    clock,
    rates,
    policy: config.SESSION_POLICY,
  });
  const reports = makeReportService({
    store: makeReportStore(database),
    users,
    messages,
    conversations,
    admin,
    audit,
    log,
    clock,
    rates,
  });
  const exports = makeExportService({
    store: makeExportStore(database),
    auth,
    audit,
    log,
    clock,
    rates,
    // Each slice that keeps something of a person's adds it here.
    sections: [
      users.ownData,
      sessions.ownData,
      conversations.ownData,
      ownMessages.ownData,
      uploads.ownData,
      reactions.ownData,
      drafts.ownData,
      schedules.ownData,
      reports.ownData,
      presence.ownData,
      ...follows.ownData,
      blocks.ownData,
      posts.ownData,
      audit.ownData,
    ],
    timeoutMs: config.EXPORT_SECONDS * 1_000,
  });
  const deletions = makeDeletionService({
    store: makeDeletionStore(database),
    auth,
    sessions,
    users,
    memberships: release,
    messages: ownMessages,
    admin,
    audit,
    // Each slice that keeps something that says who a person is removes it here.
    forget: [
      exports.forget,
      reports.forget,
      presence.forget,
      uploads.forget,
      follows.forget,
      posts.forget,
      blocks.forget,
      directs.forget,
      drafts.forget,
      schedules.forget,
      threads.forget,
    ],
    log,
    clock,
    logger,
  });

  return { auth, reports, exports, deletions };
}
