import type { AuthService } from "../domain/auth/auth.service.ts";
import type { SessionService } from "../domain/auth/session.service.ts";
import type { BlockService } from "../domain/block/block.service.ts";
import type { BlockingService } from "../domain/block/blocking.service.ts";
import type { ConversationService } from "../domain/conversation/conversation.service.ts";
import type { DirectService } from "../domain/direct/direct.service.ts";
import type { FollowService } from "../domain/follow/follow.service.ts";
import type { ChangeService } from "../domain/message/change.service.ts";
import type { PostService } from "../domain/post/post.service.ts";
import type { ReactionService } from "../domain/reaction/reaction.service.ts";
import type { MessageService } from "../domain/message/message.service.ts";
import type { RoomService } from "../domain/room/room.service.ts";
import type { ServerService } from "../domain/server/server.service.ts";
import type { UserService } from "../domain/user/user.service.ts";
import type { ActivityService } from "../domain/activity/activity.service.ts";
import type { PresenceService } from "../domain/presence/presence.service.ts";
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
  follows: FollowService;
  posts: PostService;
  blocks: BlockService;
  blocking: BlockingService;
  directs: DirectService;
  server: ServerService;
  activity: ActivityService;
  typing: TypingService;
  presence: PresenceService;
  log: Log;
  signals: Signals;
}
