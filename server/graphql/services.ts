import type { AuthService } from "../domain/auth/auth.service.ts";
import type { SessionService } from "../domain/auth/session.service.ts";
import type { ConversationService } from "../domain/conversation/conversation.service.ts";
import type { ChangeService } from "../domain/message/change.service.ts";
import type { ReactionService } from "../domain/reaction/reaction.service.ts";
import type { MessageService } from "../domain/message/message.service.ts";
import type { RoomService } from "../domain/room/room.service.ts";
import type { ServerService } from "../domain/server/server.service.ts";
import type { DownloadService } from "../domain/upload/download.service.ts";
import type { ReceiveService } from "../domain/upload/receive.service.ts";
import type { SweepService } from "../domain/upload/sweep.service.ts";
import type { UploadService } from "../domain/upload/upload.service.ts";
import type { ProfileService } from "../domain/user/profile.service.ts";
import type { UserService } from "../domain/user/user.service.ts";
import type { ActivityService } from "../domain/activity/activity.service.ts";
import type { TypingService } from "../domain/typing/typing.service.ts";
import type { Log } from "../log/log.ts";
import type { Signals } from "../signal/signals.ts";

/** What resolvers may call. */
export interface Services {
  auth: AuthService;
  sessions: SessionService;
  users: UserService;
  conversations: ConversationService;
  rooms: RoomService;
  messages: MessageService;
  changes: ChangeService;
  reactions: ReactionService;
  uploads: UploadService;
  receiving: ReceiveService;
  downloads: DownloadService;
  sweep: SweepService;
  profiles: ProfileService;
  server: ServerService;
  activity: ActivityService;
  typing: TypingService;
  log: Log;
  signals: Signals;
}
