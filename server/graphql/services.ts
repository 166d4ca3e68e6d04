import type { AuthService } from "../domain/auth/auth.service.ts";
import type { SessionService } from "../domain/auth/session.service.ts";
import type { ConversationService } from "../domain/conversation/conversation.service.ts";
import type { ChangeService } from "../domain/message/change.service.ts";
import type { ReactionService } from "../domain/reaction/reaction.service.ts";
import type { MessageService } from "../domain/message/message.service.ts";
import type { InviteService } from "../domain/room/invite.service.ts";
import type { ModerationService } from "../domain/room/moderation.service.ts";
import type { ReleaseService } from "../domain/room/release.service.ts";
import type { RoomService } from "../domain/room/room.service.ts";
import type { ServerService } from "../domain/server/server.service.ts";
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
  moderation: ModerationService;
  invites: InviteService;
  release: ReleaseService;
  messages: MessageService;
  changes: ChangeService;
  reactions: ReactionService;
  server: ServerService;
  activity: ActivityService;
  typing: TypingService;
  log: Log;
  signals: Signals;
}
