import type { LoaderFactories, Loaders } from "./graphql/loaders.ts";
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
import { reportModule } from "./domain/moderation/report.module.ts";
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

/** The loaders of all domains. */
export const loaderFactories: LoaderFactories<Loaders> = {
  ...auditModule.loaders,
  ...uploadModule.loaders,
  ...userModule.loaders,
  ...sessionModule.loaders,
  ...adminModule.loaders,
  ...conversationModule.loaders,
  ...activityModule.loaders,
  ...blockModule.loaders,
  ...followModule.loaders,
  ...directModule.loaders,
  ...receiptModule.loaders,
  ...notificationModule.loaders,
  ...messageModule.loaders,
  ...reactionModule.loaders,
  ...searchModule.loaders,
  ...threadModule.loaders,
  ...draftModule.loaders,
  ...scheduleModule.loaders,
  ...roomModule.loaders,
  ...postModule.loaders,
  ...typingModule.loaders,
  ...presenceModule.loaders,
  ...authModule.loaders,
  ...reportModule.loaders,
  ...accountModule.loaders,
  ...auditLogModule.loaders,
  ...serverModule.loaders,
  ...eventModule.loaders,
};
