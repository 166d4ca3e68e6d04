import type { LoaderFactories, Loaders } from "./graphql/loaders.ts";
import type { EventDefinitions } from "./log/define-event.ts";
import type { Services } from "./graphql/services.ts";
import { ModuleList, type ModuleOrders, type RunningModules } from "./module-list.ts";
import type { Infrastructure } from "./module.ts";
import { accountModule } from "./domain/account/account.module.ts";
import { activityModule } from "./domain/activity/activity.module.ts";
import { adminModule } from "./domain/admin/admin.module.ts";
import { auditLogModule } from "./domain/audit-log/audit-log.module.ts";
import { auditModule } from "./domain/audit/audit.module.ts";
import { authModule } from "./domain/auth/auth.module.ts";
import { blockModule } from "./domain/block/block.module.ts";
import { conversationModule } from "./domain/conversation/conversation.module.ts";
import { directModule } from "./domain/direct/direct.module.ts";
import { draftModule } from "./domain/draft/draft.module.ts";
import { eventModule } from "./domain/event/event.module.ts";
import { followModule } from "./domain/follow/follow.module.ts";
import { messageModule } from "./domain/message/message.module.ts";
import { reportModule } from "./domain/report/report.module.ts";
import { notificationModule } from "./domain/notification/notification.module.ts";
import { postModule } from "./domain/post/post.module.ts";
import { presenceModule } from "./domain/presence/presence.module.ts";
import { reactionModule } from "./domain/reaction/reaction.module.ts";
import { receiptModule } from "./domain/receipt/receipt.module.ts";
import { roomModule } from "./domain/room/room.module.ts";
import { scheduleModule } from "./domain/schedule/schedule.module.ts";
import { searchModule } from "./domain/search/search.module.ts";
import { serverModule } from "./domain/server/server.module.ts";
import { sessionModule } from "./domain/session/session.module.ts";
import { threadModule } from "./domain/thread/thread.module.ts";
import { typingModule } from "./domain/typing/typing.module.ts";
import { uploadModule } from "./domain/upload/upload.module.ts";
import { userModule } from "./domain/user/user.module.ts";

/** All domains, each after the domains whose services it needs. */
const MODULES = ModuleList.empty()
  .add(auditModule)
  .add(uploadModule)
  .add(userModule)
  .add(sessionModule)
  .add(adminModule)
  .add(conversationModule)
  .add(activityModule)
  .add(blockModule)
  .add(followModule)
  .add(directModule)
  .add(receiptModule)
  .add(notificationModule)
  .add(messageModule)
  .add(reactionModule)
  .add(searchModule)
  .add(threadModule)
  .add(draftModule)
  .add(scheduleModule)
  .add(roomModule)
  .add(postModule)
  .add(typingModule)
  .add(presenceModule)
  .add(authModule)
  .add(reportModule)
  .add(accountModule)
  .add(auditLogModule)
  .add(serverModule)
  .add(eventModule);

/** Orders that users or the database can notice. A module without an entry follows the modules with one. */
const ORDERS: ModuleOrders<NameOf<typeof MODULES>> = {
  // An export begins with the account and ends with the record of the user's actions.
  exportSections: [
    "user",
    "session",
    "conversation",
    "message",
    "upload",
    "reaction",
    "draft",
    "schedule",
    "report",
    "presence",
    "follow",
    "block",
    "post",
    "audit",
  ],
  // One fixed order, so that concurrent deletions of accounts lock rows in the same order.
  eraseUser: [
    "account",
    "report",
    "presence",
    "upload",
    "follow",
    "post",
    "block",
    "direct",
    "draft",
    "schedule",
    "thread",
  ],
  // The search index first: a user notices its delay after a start sooner than that of a cleanup.
  startBackground: ["search", "upload", "schedule", "audit", "account"],
  // Work on a schedule first; presence and typing serve users until the signals stop.
  stop: ["search", "schedule", "account", "audit", "presence", "typing"],
};

type NameOf<List> = List extends ModuleList<infer Name, infer _Provided, infer _Own> ? Name : never;

/** The types of events of all domains. */
export const eventDefinitions: EventDefinitions = MODULES.events;

/** The loaders of all domains. */
export const loaderFactories: LoaderFactories<Loaders> = MODULES.loaders;

/** Creates the log, the signals and the services of all domains. Starts nothing. */
export function createModules(infrastructure: Infrastructure): RunningModules<Services> {
  return MODULES.create(infrastructure, ORDERS);
}
